using System.Collections.Immutable;

namespace Beamline.Decoding.Processors;

/// <summary>Leaves one id alone when the history has length 1.</summary>
/// <param name="id">The id; within the vocabulary.</param>
public sealed class ForcedBOSTokenLogitsProcessor(int id) : ILogitsProcessor
{
    private readonly ImmutableArray<int> _ids = [id];

    /// <inheritdoc/>
    public string Name => nameof(ForcedBOSTokenLogitsProcessor);

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        if (history.Length == 1) Mask.AllBut(_ids, scores);
    }
}
