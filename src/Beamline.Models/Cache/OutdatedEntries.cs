namespace Beamline.Models.Cache;

/// <summary>
/// Removes entries that only older versions of the program can use, once none has for a long time. Never those of newer versions, nor what
/// it cannot tell the version of.
/// </summary>
/// <remarks>
/// Time decides, and not that a newer entry has taken their place: an older version may serve from the same folder, and the source of an
/// entry may be gone. It is the later one of the noted use and, since older versions note none, of when the files that only a use reads
/// were read last, as far as the file system tells.
/// </remarks>
/// <param name="root">The cache's folder.</param>
/// <param name="formatVersion">The version of the graph's form that is made now.</param>
internal sealed class OutdatedEntries(string root, int formatVersion)
{
    private static readonly TimeSpan UnusedLimit = TimeSpan.FromDays(30);

    /// <summary>Removes what there is; nothing happens while somebody else renames, or where the folder cannot be written.</summary>
    public void TryRemove()
    {
        List<string> removed = [];
        try
        {
            string[] outdated = [.. Directory.EnumerateDirectories(root).Where(IsOutdated)];
            if (outdated.Length == 0) return;
            using FileStream? turn = CacheLock.TryTakeTurn(root);
            if (turn is null) return;
            // Looked at again: somebody may have begun to use one, or removed it, before the turn was ours.
            foreach (string folder in outdated.Where(IsOutdated))
            {
                string name = WorkFolder.NewIn(root);
                Directory.Move(folder, name);
                removed.Add(name);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Such as a folder that is open on a system that holds on to it then: another day.
        }
        foreach (string folder in removed) WorkFolder.TryDelete(folder);
    }

    private bool IsOutdated(string folder) =>
        Path.GetFileName(folder)[0] != '.'
        && EntryManifest.TryReadVersion(folder) is { } version && version < formatVersion
        && DateTime.UtcNow - LastUse(folder) > UnusedLimit;

    private static DateTime LastUse(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles().Select(LastUse).DefaultIfEmpty(DateTime.MinValue).Max();

    // Looking for an entry reads manifests and stamps of others as well, so that somebody read them says nothing.
    private static DateTime LastUse(FileInfo file)
    {
        bool isReadByOthers = file.Name is EntryManifest.FileName or EntryStamps.FileName;
        return isReadByOthers || file.LastWriteTimeUtc > file.LastAccessTimeUtc ? file.LastWriteTimeUtc : file.LastAccessTimeUtc;
    }
}
