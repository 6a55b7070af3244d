namespace Beamline.Models.Cache;

/// <summary>A file of a cache entry.</summary>
/// <param name="Name">Its name in the entry's folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">XxHash128 of its content, in hexadecimal.</param>
internal sealed record EntryFile(string Name, long Bytes, string Hash);
