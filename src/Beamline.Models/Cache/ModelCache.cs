using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Cache;

/// <summary>
/// The folder of imported models. An entry is a folder that appears whole, by one rename, and never changes; one that does not fit its
/// manifest is treated as if it were not there. Any number of processes may use the folder at once.
/// </summary>
/// <param name="root">The folder; made when something is stored.</param>
/// <param name="create">Creates a file; tests put a full disk here.</param>
internal sealed class ModelCache(string root, Func<string, Stream>? create = null)
{
    // Names with a dot in front are never entries.
    private const string WorkPrefix = ".import-";
    private const string LockSuffix = ".lock";
    private static readonly TimeSpan LockLimit = TimeSpan.FromSeconds(30);

    private readonly Func<string, Stream> _create =
        create ?? (path => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16));

    /// <summary>Manifests of everything that looks like an entry, with its folder; the newest first.</summary>
    public IEnumerable<(string Folder, EntryManifest Manifest)> Entries()
    {
        foreach (DirectoryInfo folder in Folders().OrderByDescending(folder => folder.CreationTimeUtc))
        {
            if (folder.Name[0] != '.' && EntryManifest.TryRead(folder.FullName) is { } manifest) yield return (folder.FullName, manifest);
        }
    }

    /// <summary>The folder of an entry.</summary>
    public string FolderOf(string entry) => Path.Combine(root, entry);

    /// <summary>The manifest of an entry whose files are all there, with the right content; else null.</summary>
    public static EntryManifest? TryVerify(string folder)
    {
        try
        {
            EntryManifest? manifest = EntryManifest.TryRead(folder);
            return manifest is not null && manifest.Files.All(file => IsWhole(Path.Combine(folder, file.Name), file)) ? manifest : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BeamlineException)
        {
            return null;
        }
    }

    /// <summary>Stores an entry, or finds that another process has stored it meanwhile. Damage under its name is replaced.</summary>
    /// <param name="entry">Its name.</param>
    /// <param name="write">Writes the files.</param>
    /// <exception cref="BeamlineException">The folder cannot be written; nothing is left behind.</exception>
    public EntryManifest Store(string entry, Func<EntryWriter, EntryManifest> write)
    {
        string work = Path.Combine(root, $"{WorkPrefix}{Guid.NewGuid():n}");
        try
        {
            Directory.CreateDirectory(root);
            RemoveAbandoned();
            // Held as long as this import lives: whoever can take it knows that the folder is abandoned.
            using FileStream alive = Lock(work + LockSuffix, FileMode.CreateNew, FileOptions.DeleteOnClose);
            try
            {
                Directory.CreateDirectory(work);
                EntryManifest manifest = write(new EntryWriter(work, _create));
                return Publish(work, FolderOf(entry)) ?? manifest;
            }
            finally
            {
                TryDelete(work);
            }
        }
        catch (Exception error) when (IsOfStorage(error))
        {
            string reason = error.Message.Split('\n')[0].TrimEnd('.', ' ', '\r');
            string advice = "Free space there, or set BEAMLINE_CACHE to a folder that can be written.";
            throw new BeamlineException(BeamlineErrorCode.Storage, $"The model cache {root} cannot be written: {reason}. {advice}", error);
        }
    }

    // Null when ours became the entry, else the manifest of the one that was there first.
    private EntryManifest? Publish(string work, string target)
    {
        using FileStream turn = TakeTurn();
        if (Directory.Exists(target))
        {
            if (TryVerify(target) is { } first) return first;
            string damaged = Path.Combine(root, $"{WorkPrefix}{Guid.NewGuid():n}");
            Directory.Move(target, damaged);
            TryDelete(damaged);
        }
        Directory.Move(work, target);
        return null;
    }

    // Renames are made one process at a time, so that nobody moves a good entry away that he still takes for a damaged one.
    private FileStream TakeTurn()
    {
        string path = Path.Combine(root, LockSuffix);
        SpinWait wait = default;
        for (long start = Environment.TickCount64; ;)
        {
            try
            {
                return Lock(path, FileMode.OpenOrCreate, FileOptions.None);
            }
            catch (IOException) when (File.Exists(path) && Environment.TickCount64 - start < LockLimit.TotalMilliseconds)
            {
                // A rename takes a millisecond, checking the entry that won a few more.
                wait.SpinOnce();
            }
        }
    }

    // What killed imports left: a work folder whose lock can be taken, or that has none.
    private void RemoveAbandoned()
    {
        foreach (string work in Directory.EnumerateDirectories(root, WorkPrefix + "*").ToArray())
        {
            try
            {
                using FileStream alive = Lock(work + LockSuffix, FileMode.OpenOrCreate, FileOptions.DeleteOnClose);
                TryDelete(work);
            }
            catch (IOException)
            {
                // Somebody is at work there.
            }
        }
    }

    // Nobody else can open the file until this is closed, or its process is gone.
    private static FileStream Lock(string path, FileMode mode, FileOptions options) =>
        new(path, mode, FileAccess.Write, FileShare.None, bufferSize: 1, options);

    // None when the root is missing or may not be listed: whoever wants to store something there learns why it cannot.
    private DirectoryInfo[] Folders()
    {
        try
        {
            return Directory.Exists(root) ? new DirectoryInfo(root).GetDirectories() : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The last one is what a file becomes that is too large for its file system or for the user's limit.
    private static bool IsOfStorage(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    private static bool IsWhole(string path, EntryFile file) =>
        new FileInfo(path) is { Exists: true } info && info.Length == file.Bytes && ContentHash.Of(path) == file.Hash;

    private static void TryDelete(string folder)
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
