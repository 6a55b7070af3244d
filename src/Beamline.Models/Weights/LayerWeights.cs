namespace Beamline.Models.Weights;

/// <summary>The tensors of one block.</summary>
/// <param name="AttentionNorm">Before attention.</param>
/// <param name="Qkv">Query, key and value in one matrix, in this order.</param>
/// <param name="Projection">Behind attention.</param>
/// <param name="MlpNorm">Before the feed-forward part.</param>
/// <param name="Up">Into it.</param>
/// <param name="Down">Out of it.</param>
internal sealed record LayerWeights(
    NormWeights AttentionNorm, LinearWeights Qkv, LinearWeights Projection, NormWeights MlpNorm, LinearWeights Up, LinearWeights Down);
