namespace Beamline.Abstractions.Workers;

/// <summary>What one block of a model keeps of each position.</summary>
/// <param name="Heads">Key/value heads; 1 or more.</param>
/// <param name="HeadSize">Numbers a head; 1 or more.</param>
/// <param name="Window">Positions that attention looks back at most, its own included; null is all of them.</param>
[GenerateSerializer, Immutable, Alias("Beamline.KvLayer")]
public readonly record struct KvLayer(
    [property: Id(0)] int Heads, [property: Id(1)] int HeadSize, [property: Id(2)] int? Window = null)
{
    /// <summary>Numbers of keys and values of one position.</summary>
    public long NumbersPerPosition => 2L * Heads * HeadSize;
}
