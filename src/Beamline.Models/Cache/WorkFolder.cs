namespace Beamline.Models.Cache;

/// <summary>Folders of the cache that are being made or unmade: their names are never those of entries.</summary>
internal static class WorkFolder
{
    private const string Prefix = ".import-";

    /// <summary>A name that nobody has.</summary>
    public static string NewIn(string root) => Path.Combine(root, $"{Prefix}{Guid.NewGuid():n}");

    /// <summary>All there are.</summary>
    public static string[] AllIn(string root) => [.. Directory.EnumerateDirectories(root, Prefix + "*")];

    /// <summary>Removes a folder of the cache that nobody uses.</summary>
    public static void TryDelete(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It bears a name that is never used, and the next import tries again.
        }
    }
}
