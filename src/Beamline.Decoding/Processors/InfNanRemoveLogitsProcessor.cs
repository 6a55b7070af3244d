namespace Beamline.Decoding.Processors;

/// <summary>Replaces what is not a finite number: NaN by 0, infinities by the largest and the smallest float.</summary>
/// <remarks>Masked entries become the smallest float too, as in the reference: this one runs before the masks that matter most.</remarks>
public sealed class InfNanRemoveLogitsProcessor : ILogitsProcessor
{
    /// <inheritdoc/>
    public string Name => nameof(InfNanRemoveLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        foreach (ref float score in scores)
        {
            if (float.IsFinite(score)) continue;
            score = float.IsNaN(score) ? 0 : score > 0 ? float.MaxValue : float.MinValue;
        }
    }
}
