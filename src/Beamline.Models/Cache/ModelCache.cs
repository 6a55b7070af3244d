using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Cache;

/// <summary>
/// The folder of imported models. An entry is a folder that appears whole, by one rename, and whose files never change but for its
/// <see cref="EntryStamps"/>; one that does not fit its manifest is treated as if it were not there. Any number of processes may use the
/// folder at once.
/// </summary>
/// <param name="root">The folder; made when something is stored.</param>
/// <param name="formatVersion">The version of the graph's form that is made now.</param>
/// <param name="create">Creates a file; tests put a full disk here.</param>
internal sealed class ModelCache(string root, int formatVersion, Func<string, Stream>? create = null)
{
    // What an entry's files are dated back by: whoever writes to one later leaves another time, however coarse the file system's clock.
    private static readonly TimeSpan DatedBack = TimeSpan.FromMinutes(1);

    private readonly OutdatedEntries _outdated = new(root, formatVersion);
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

    /// <summary>
    /// The manifest of an entry whose files are all there, with the right content; else null. Files that look as they did when they were
    /// last read are not read again.
    /// </summary>
    /// <param name="folder">The entry's folder.</param>
    /// <param name="accept">Sees what was read and is to be remembered as sound; what it throws goes on to the caller.</param>
    public EntryManifest? TryOpen(string folder, Action<EntryManifest> accept)
    {
        if (EntryManifest.TryRead(folder) is not { } manifest) return null;
        EntryStamps stamps = EntryStamps.Read(folder);
        ImmutableArray<FileStamp> files = StampsOf(folder, manifest);
        if (stamps.Files.SequenceEqual(files))
        {
            if (EntryStamps.TryTouch(folder)) _outdated.TryRemove();        // at most once a day for each entry in use
            return manifest;
        }
        if (!IsWhole(folder, manifest)) return null;
        accept(manifest);
        if (FileStamp.AreSettled(files)) (stamps with { Files = files }).TryWrite(folder);
        return manifest;
    }

    /// <summary>The hash of a source whose files look as they did when an entry was made from it; null when there is none such.</summary>
    /// <param name="name">The source's name.</param>
    /// <param name="folder">Its full path.</param>
    /// <param name="files">How its files look.</param>
    public string? FindHash(string name, string folder, ImmutableArray<FileStamp> files) => Entries()
        .Where(entry => entry.Manifest.Name == name)
        .Select(entry => EntryStamps.Read(entry.Folder).HashOf(folder, files))
        .FirstOrDefault(hash => hash is not null);

    /// <summary>Remembers how a source looks whose entry this is.</summary>
    public static void Remember(string folder, SourceStamps source)
    {
        EntryStamps stamps = EntryStamps.Read(folder);
        if (stamps.HashOf(source.Folder, source.Files) != source.Hash) stamps.With(source).TryWrite(folder);
    }

    /// <summary>Stores an entry, or finds that another process has stored it meanwhile. Damage under its name is replaced.</summary>
    /// <param name="entry">Its name.</param>
    /// <param name="write">Writes the files.</param>
    /// <exception cref="BeamlineException">The folder cannot be written; nothing is left behind.</exception>
    public EntryManifest Store(string entry, Func<EntryWriter, EntryManifest> write)
    {
        string work = WorkFolder.NewIn(root);
        try
        {
            Directory.CreateDirectory(root);
            RemoveAbandoned();
            _outdated.TryRemove();
            // Held as long as this import lives: whoever can take it knows that the folder is abandoned.
            using FileStream alive = CacheLock.Claim(work);
            try
            {
                Directory.CreateDirectory(work);
                EntryManifest manifest = write(new EntryWriter(work, _create));
                Stamp(work, manifest);
                return Publish(work, FolderOf(entry)) ?? manifest;
            }
            finally
            {
                WorkFolder.TryDelete(work);
            }
        }
        catch (Exception error) when (IsOfStorage(error))
        {
            string reason = error.Message.Split('\n')[0].TrimEnd('.', ' ', '\r');
            string advice = "Free space there, or set BEAMLINE_CACHE to a folder that can be written.";
            throw new BeamlineException(BeamlineErrorCode.Storage, $"The model cache {root} cannot be written: {reason}. {advice}", error);
        }
    }

    // Nobody else has seen the files, and what was written was hashed on the way.
    private static void Stamp(string work, EntryManifest manifest)
    {
        foreach (string path in PathsOf(work, manifest)) File.SetLastWriteTimeUtc(path, DateTime.UtcNow - DatedBack);
        new EntryStamps { Files = StampsOf(work, manifest), Sources = [] }.TryWrite(work);
    }

    // Null when ours became the entry, else the manifest of the one that was there first.
    private EntryManifest? Publish(string work, string target)
    {
        using FileStream turn = CacheLock.TakeTurn(root);
        if (Directory.Exists(target))
        {
            if (EntryManifest.TryRead(target) is { } first && IsWhole(target, first)) return first;
            string damaged = WorkFolder.NewIn(root);
            Directory.Move(target, damaged);
            WorkFolder.TryDelete(damaged);
        }
        Directory.Move(work, target);
        return null;
    }

    // What killed imports left: a work folder whose lock can be taken, or that has none.
    private void RemoveAbandoned()
    {
        foreach (string work in WorkFolder.AllIn(root))
        {
            using FileStream? alive = CacheLock.TryTakeOver(work);
            if (alive is not null) WorkFolder.TryDelete(work);
        }
    }

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

    private static IEnumerable<string> PathsOf(string folder, EntryManifest manifest) =>
        manifest.Files.Select(file => file.Name).Append(EntryManifest.FileName).Select(name => Path.Combine(folder, name));

    private static ImmutableArray<FileStamp> StampsOf(string folder, EntryManifest manifest) => FileStamp.Of(PathsOf(folder, manifest));

    // Reads everything.
    private static bool IsWhole(string folder, EntryManifest manifest)
    {
        try
        {
            return manifest.Files.All(file => IsWhole(Path.Combine(folder, file.Name), file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BeamlineException)
        {
            return false;
        }
    }

    private static bool IsWhole(string path, EntryFile file) =>
        new FileInfo(path) is { Exists: true } info && info.Length == file.Bytes && ContentHash.Of(path) == file.Hash;
}
