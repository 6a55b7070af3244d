using System.Numerics.Tensors;

namespace Beamline.Decoding.Processors;

/// <summary>Divides the scores: below 1 sharpens the distribution, above 1 flattens it.</summary>
/// <param name="temperature">Above 0; 1 changes nothing.</param>
public sealed class TemperatureLogitsWarper(float temperature) : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(TemperatureLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) => TensorPrimitives.Divide(scores, temperature, scores);
}
