using System.Collections.Immutable;

namespace Beamline.Models.Files;

/// <summary>What tells, without reading a file, that nobody has written to it: equal stamps mean equal content.</summary>
/// <remarks>
/// A write always moves <paramref name="Modified"/>. Whoever sets that back by hand still moves <paramref name="Changed"/>, but not every
/// system has that: there an edit that keeps size and time is not seen.
/// </remarks>
/// <param name="Name">Its name in its folder.</param>
/// <param name="Bytes">Its length; -1 when it is not there.</param>
/// <param name="Modified">When its content was written last, in ticks since 1970.</param>
/// <param name="Changed">When content, times or rights were changed last, likewise; 0 where the system does not tell.</param>
/// <param name="Inode">Which file bears the name, on its own disk; 0 where the system does not tell.</param>
internal sealed record FileStamp(string Name, long Bytes, long Modified, long Changed, ulong Inode)
{
    // The coarsest clock of a file system that is in use: FAT's. Most tick every few milliseconds.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    /// <summary>The stamp of a file; of the one behind a link, since that is what is read.</summary>
    public static FileStamp Of(string path) => LinuxFile.TryStamp(path) ?? OfAnySystem(path);

    /// <summary>The stamps of several files, in their order.</summary>
    public static ImmutableArray<FileStamp> Of(IEnumerable<string> paths) => [.. paths.Select(Of)];

    /// <summary>
    /// Whether a write from now on has to show in the stamps: one within the tick of the last write might leave the same time.
    /// </summary>
    public static bool AreSettled(ImmutableArray<FileStamp> files)
    {
        long latest = (DateTime.UtcNow - DateTime.UnixEpoch - Tick).Ticks;
        return files.All(file => file.Modified < latest);
    }

    private static FileStamp OfAnySystem(string path)
    {
        FileInfo info = new(path);
        if (info.LinkTarget is not null) info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
        return info.Exists
            ? new(Path.GetFileName(path), info.Length, (info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks, Changed: 0, Inode: 0)
            : new(Path.GetFileName(path), Bytes: -1, Modified: 0, Changed: 0, Inode: 0);
    }
}
