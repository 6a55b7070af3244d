using System.Collections.Immutable;

namespace Beamline.Abstractions.Workers;

/// <summary>What a model's KV cache is made of. Where and how it lies in memory is the affair of whoever computes the model.</summary>
/// <param name="Layers">The blocks in order, each with heads of its own; 1 or more.</param>
/// <param name="Element">How a number is stored.</param>
[GenerateSerializer, Immutable, Alias("Beamline.KvLayout")]
public sealed record KvLayout(
    [property: Id(0)] ImmutableArray<KvLayer> Layers, [property: Id(1)] KvElement Element = KvElement.Float32)
{
    /// <summary>Bytes of a number.</summary>
    public int ElementBytes => Element == KvElement.Float16 ? 2 : 4;

    /// <summary>Bytes of one position: keys and values of all blocks.</summary>
    public long BytesPerPosition => Layers.Sum(layer => layer.NumbersPerPosition) * ElementBytes;

    /// <summary>Blocks that are all alike.</summary>
    /// <param name="layers">How many.</param>
    /// <param name="heads">Key/value heads of each.</param>
    /// <param name="headSize">Numbers a head.</param>
    /// <param name="element">How a number is stored.</param>
    public static KvLayout Uniform(int layers, int heads, int headSize, KvElement element = KvElement.Float32) =>
        new([.. Enumerable.Repeat(new KvLayer(heads, headSize), layers)], element);

    /// <inheritdoc/>
    public bool Equals(KvLayout? other) =>
        other is not null && Element == other.Element && Layers.AsSpan().SequenceEqual(other.Layers.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Element, Layers.Length, BytesPerPosition);
}
