namespace Beamline.Grains.Durability;

/// <summary>A request's place in the storage, as it was last read or written.</summary>
/// <param name="ETag">What the storage calls this version; a write of an older one is refused.</param>
/// <param name="IsTaken">Whether anything is stored there.</param>
/// <param name="Run">What is; null when nothing is, or nothing that is still kept.</param>
internal sealed record RunSlot(string? ETag, bool IsTaken, StoredRun? Run)
{
    /// <summary>Nothing was ever stored.</summary>
    public static readonly RunSlot Empty = new(null, false, null);
}
