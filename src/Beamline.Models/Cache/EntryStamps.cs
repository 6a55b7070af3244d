using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Models.Files;

namespace Beamline.Models.Cache;

/// <summary>
/// The <c>stamps.json</c> of a cache entry: how its files, and the sources it was made from, looked when their content was last read. The
/// only file of an entry that changes, and its time is that of the entry's last use. Without it everything is read again.
/// </summary>
internal sealed record EntryStamps
{
    /// <summary>The file's name.</summary>
    public const string FileName = "stamps.json";

    // More copies of one source than somebody uses in turns.
    private const int MaxSources = 8;
    private static readonly TimeSpan UsePrecision = TimeSpan.FromDays(1);

    /// <summary>The entry's files, in the manifest's order, and the manifest; empty when they were never read as they are.</summary>
    public required ImmutableArray<FileStamp> Files { get; init; }

    /// <summary>Folders that the entry can be made from, the last one first.</summary>
    public required ImmutableArray<SourceStamps> Sources { get; init; }

    /// <summary>Reads the stamps of an entry; empty ones when they are missing or damaged.</summary>
    public static EntryStamps Read(string folder)
    {
        try
        {
            byte[] json = File.ReadAllBytes(Path.Combine(folder, FileName));
            EntryStamps? stamps = JsonSerializer.Deserialize(json, EntryManifestJson.Default.EntryStamps);
            bool isWhole = stamps is { Files.IsDefault: false, Sources.IsDefault: false } && !stamps.Sources.Contains(null!);
            if (isWhole) return stamps!;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            // As if there were none: everything is read again.
        }
        return new EntryStamps { Files = [], Sources = [] };
    }

    /// <summary>Adds a source, or replaces what was known of its folder.</summary>
    public EntryStamps With(SourceStamps source) =>
        this with { Sources = [source, .. Sources.Where(other => other.Folder != source.Folder).Take(MaxSources - 1)] };

    /// <summary>The hash of a source whose files look as they did; null when they do not.</summary>
    public string? HashOf(string folder, ImmutableArray<FileStamp> files) =>
        Sources.FirstOrDefault(source => source.Folder == folder && source.Looks(files))?.Hash;

    /// <summary>Writes them whole, or not at all where the cache cannot be written: they only spare work.</summary>
    public void TryWrite(string folder)
    {
        string path = Path.Combine(folder, FileName), other = $"{path}.{Guid.NewGuid():n}";
        try
        {
            File.WriteAllBytes(other, JsonSerializer.SerializeToUtf8Bytes(this, EntryManifestJson.Default.EntryStamps));
            File.Move(other, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(other);
        }
    }

    /// <summary>Notes that an entry is used; its time is good to a day.</summary>
    /// <returns>Whether the last use was so long ago that it was noted.</returns>
    public static bool TryTouch(string folder)
    {
        try
        {
            string path = Path.Combine(folder, FileName);
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < UsePrecision) return false;
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It bears a name that nobody reads.
        }
    }
}
