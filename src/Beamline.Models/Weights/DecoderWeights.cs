namespace Beamline.Models.Weights;

/// <summary>Every tensor of a model by its role; found and checked against the config.</summary>
/// <param name="TokenEmbedding">[V, E].</param>
/// <param name="PositionEmbedding">[context, E].</param>
/// <param name="Layers">The blocks in order.</param>
/// <param name="FinalNorm">Before the head.</param>
/// <param name="Head">The output embedding; its matrix is <paramref name="TokenEmbedding"/> itself when they are tied.</param>
internal sealed record DecoderWeights(
    IWeightTensor TokenEmbedding,
    IWeightTensor PositionEmbedding,
    IReadOnlyList<LayerWeights> Layers,
    NormWeights FinalNorm,
    LinearWeights Head);
