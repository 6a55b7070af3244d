namespace Beamline.Models.Tests.Support;

/// <summary>Changes files as others do who do not know that somebody reads them.</summary>
public static class SourceFile
{
    /// <summary>Cuts the second half off, in place.</summary>
    public static void Halve(string path) => Change(path, stream => stream.SetLength(stream.Length / 2));

    /// <summary>Turns the last byte over, in place.</summary>
    public static void TurnAByte(string path) => Change(path, stream =>
    {
        stream.Seek(-1, SeekOrigin.End);
        int last = stream.ReadByte();
        stream.Seek(-1, SeekOrigin.End);
        stream.WriteByte((byte)(last ^ 1));
    });

    // With a shared lock: the exclusive one would be refused while somebody reads, and other programs take none.
    private static void Change(string path, Action<FileStream> change)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        change(stream);
    }
}
