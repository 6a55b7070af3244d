using System.Numerics.Tensors;
using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Divides the scores: below 1 sharpens the distribution, above 1 flattens it.</summary>
/// <param name="temperature">Above 0; 1 changes nothing.</param>
public sealed class TemperatureLogitsWarper(float temperature) : ILogitsProcessor
{
    /// <summary>Down to here no score that a model gives overflows.</summary>
    private const float LeastPlain = 1e-20f;

    /// <inheritdoc/>
    public string Name => nameof(TemperatureLogitsWarper);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        // Below that the quotients would be infinite; seen from the greatest score, the distribution is the same and they are not.
        if (temperature < LeastPlain && RowMath.Max(scores) is var max && float.IsFinite(max))
        {
            TensorPrimitives.Subtract(scores, max, scores);
        }
        TensorPrimitives.Divide(scores, temperature, scores);
    }
}
