namespace Beamline.Models.Cache;

/// <summary>Locks of a cache between processes: files that nobody else can open until they are closed, or their process is gone.</summary>
internal static class CacheLock
{
    private const string Suffix = ".lock";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the turn to rename entries: one process at a time does, so that nobody moves a new entry away.</summary>
    /// <exception cref="IOException">Others held it for 30 s, or the folder cannot be written.</exception>
    public static FileStream TakeTurn(string root)
    {
        SpinWait wait = default;
        for (long start = Environment.TickCount64; ;)
        {
            try
            {
                return OpenTurn(root);
            }
            catch (IOException) when (File.Exists(TurnOf(root)) && Environment.TickCount64 - start < Limit.TotalMilliseconds)
            {
                // A rename takes a millisecond, checking the entry that won a few more.
                wait.SpinOnce();
            }
        }
    }

    /// <summary>The same turn, when it is free; null when somebody has it, or the folder cannot be written.</summary>
    public static FileStream? TryTakeTurn(string root)
    {
        try
        {
            return OpenTurn(root);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Shows that a new work folder is somebody's, for as long as it is held.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static FileStream Claim(string work) => Open(work + Suffix, FileMode.CreateNew, FileOptions.DeleteOnClose);

    /// <summary>Takes a work folder that nobody holds any more; null when somebody does.</summary>
    public static FileStream? TryTakeOver(string work)
    {
        try
        {
            return Open(work + Suffix, FileMode.OpenOrCreate, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string TurnOf(string root) => Path.Combine(root, Suffix);

    private static FileStream OpenTurn(string root) => Open(TurnOf(root), FileMode.OpenOrCreate, FileOptions.None);

    private static FileStream Open(string path, FileMode mode, FileOptions options) =>
        new(path, mode, FileAccess.Write, FileShare.None, bufferSize: 1, options);
}
