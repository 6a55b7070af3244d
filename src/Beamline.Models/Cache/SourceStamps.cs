using System.Collections.Immutable;
using Beamline.Models.Files;

namespace Beamline.Models.Cache;

/// <summary>A source as it looked when it was hashed.</summary>
/// <param name="Folder">Its full path.</param>
/// <param name="Hash">Hash of its files.</param>
/// <param name="Files">Their stamps, those that were not there included.</param>
internal sealed record SourceStamps(string Folder, string Hash, ImmutableArray<FileStamp> Files)
{
    /// <summary>Whether nothing was changed, added or removed since.</summary>
    public bool Looks(ImmutableArray<FileStamp> files) => !Files.IsDefault && Files.SequenceEqual(files);
}
