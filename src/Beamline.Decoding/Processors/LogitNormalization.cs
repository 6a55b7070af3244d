using Beamline.Decoding.Numerics;

namespace Beamline.Decoding.Processors;

/// <summary>Turns the scores into logarithms of probabilities again, after everything else has changed them.</summary>
public sealed class LogitNormalization : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(LogitNormalization);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores) => RowMath.LogSoftmax(scores);
}
