namespace Beamline.Models.Graphs;

/// <summary>
/// How the matrices of a model are kept and multiplied. Embeddings, norms, attention and sums are fp32 in all of them but
/// <see cref="Fp16"/>.
/// </summary>
public enum WeightPrecision
{
    /// <summary><c>fp32</c>: 32-bit floating point. The reference.</summary>
    Fp32,

    /// <summary>
    /// <c>fp16</c>: everything in 16-bit floating point, keys and values too; logits are given in fp32. What graphics processors compute
    /// with; a processor converts back and forth and gains nothing.
    /// </summary>
    Fp16,

    /// <summary><c>int8</c>: weights of 8 bits in blocks of 32 with a scale each; activations likewise.</summary>
    Int8,

    /// <summary><c>int4</c>: weights of 4 bits in blocks of 32 with a scale each; head and activations as <see cref="Int8"/>.</summary>
    Int4,

    /// <summary><c>w8a8</c>: weights of 8 bits with a scale an output, activations of 8 bits with a scale a row.</summary>
    W8A8,
}
