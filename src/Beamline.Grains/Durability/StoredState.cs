namespace Beamline.Grains.Durability;

/// <summary>A durable request as the storage has it: plain values and bytes, whose number is known before they are written.</summary>
[GenerateSerializer, Alias("Beamline.StoredState")]
internal sealed class StoredState
{
    /// <summary>The request, in Orleans' own form, which older and newer versions can read.</summary>
    [Id(0)] public byte[] Request { get; set; } = [];

    /// <summary>How often it was started again.</summary>
    [Id(1)] public int Restarts { get; set; }

    /// <summary>When it was first started.</summary>
    [Id(2)] public DateTimeOffset Started { get; set; }

    /// <summary>Its updates, or the last one alone; null until it has ended.</summary>
    [Id(3)] public byte[]? Story { get; set; }

    /// <summary>When it ended; null until then.</summary>
    [Id(4)] public DateTimeOffset? Ended { get; set; }
}
