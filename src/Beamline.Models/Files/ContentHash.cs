using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Beamline.Abstractions.Errors;

namespace Beamline.Models.Files;

/// <summary>Hashes the content of files, XxHash128 in hexadecimal: tells damage and change, and is no guard against forgery.</summary>
internal static class ContentHash
{
    private const int PieceBytes = 1 << 20;

    /// <summary>The hash of one file.</summary>
    /// <exception cref="BeamlineException">It cannot be read.</exception>
    public static string Of(string file)
    {
        XxHash128 hash = new();
        Append(hash, file, withName: false);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>One hash of the names, lengths and content of several files, in their order; missing ones are left out.</summary>
    /// <exception cref="BeamlineException">One cannot be read.</exception>
    public static string Of(IEnumerable<string> files)
    {
        XxHash128 hash = new();
        foreach (string file in files)
        {
            if (File.Exists(file)) Append(hash, file, withName: true);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, string file, bool withName)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            if (withName) hash.Append(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\0{stream.Length}\0"));
            for (int read; (read = stream.Read(piece)) > 0;) hash.Append(piece.AsSpan(0, read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ModelFile.Fault(file, $"cannot be read ({error.Message})", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
