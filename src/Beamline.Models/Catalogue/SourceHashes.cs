using System.Collections.Concurrent;
using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Models.Cache;
using Beamline.Models.Files;

namespace Beamline.Models.Catalogue;

/// <summary>
/// Hashes of sources. A source whose files look as they did is not read again, neither by this process nor, once an entry was made from
/// it, by any other. Safe for concurrent use.
/// </summary>
internal sealed class SourceHashes(ModelCache cache)
{
    private readonly ConcurrentDictionary<string, SourceStamps> _known = new(StringComparer.Ordinal);

    /// <summary>The hash of a source.</summary>
    /// <exception cref="BeamlineException">The weights are missing, or a file cannot be read.</exception>
    public string Of(ModelSource source)
    {
        ImmutableArray<FileStamp> files = source.Stamp();       // before anything is read: a change from now on shows
        if (_known.TryGetValue(source.Folder, out SourceStamps? known) && known.Looks(files)) return known.Hash;
        string hash = cache.FindHash(source.Name, source.Folder, files) ?? source.ComputeHash();
        if (FileStamp.AreSettled(files)) _known[source.Folder] = new(source.Folder, hash, files);
        return hash;
    }

    /// <summary>Whether a source is what it was; one that cannot be read any more is not.</summary>
    public bool IsStill(ModelSource source, string hash)
    {
        try
        {
            return Of(source) == hash;
        }
        catch (BeamlineException)
        {
            return false;
        }
    }

    /// <summary>Tells other processes what is known of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="folder">The entry that was made from it.</param>
    public void Share(ModelSource source, string hash, string folder)
    {
        if (_known.TryGetValue(source.Folder, out SourceStamps? known) && known.Hash == hash) ModelCache.Remember(folder, known);
    }
}
