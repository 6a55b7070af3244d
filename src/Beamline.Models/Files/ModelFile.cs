using Beamline.Abstractions.Errors;

namespace Beamline.Models.Files;

/// <summary>Errors about a model's files: one line, the file first.</summary>
internal static class ModelFile
{
    private const int FaultsShown = 5;

    /// <summary>The error that one file gives.</summary>
    public static BeamlineException Fault(string file, string reason, Exception? inner = null) =>
        new(BeamlineErrorCode.InvalidModel, $"{file}: {reason}", inner);

    /// <summary>The error that several reasons give together; a long list is cut.</summary>
    /// <param name="file">The file they are about.</param>
    /// <param name="reasons">At least one.</param>
    public static BeamlineException Faults(string file, IReadOnlyList<string> reasons)
    {
        string shown = string.Join("; ", reasons.Take(FaultsShown));
        return Fault(file, reasons.Count <= FaultsShown ? shown : $"{shown}; and {reasons.Count - FaultsShown} more");
    }

    /// <summary>Reads a small text file of a model whole.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="limitBytes">What it may hold at most.</param>
    /// <exception cref="BeamlineException">It is missing, unreadable or larger.</exception>
    public static byte[] ReadSmall(string file, int limitBytes)
    {
        try
        {
            if (!File.Exists(file)) throw Fault(file, "is missing");
            // Of the open file: that of a link would be the link's own length.
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > limitBytes) throw Fault(file, $"has {stream.Length} bytes; at most {limitBytes} are read");
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Fault(file, $"cannot be read ({error.Message})", error);
        }
    }

    /// <summary>Text from a file, shortened and without control characters, fit for an error message.</summary>
    public static string Quote(string text)
    {
        string clean = new([.. text.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > 80 ? $"{clean}..." : clean;
    }
}
