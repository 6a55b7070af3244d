using System.Collections.Immutable;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>A search as a state machine over rows of logits. It sees no model, no KV and no clock.</summary>
/// <remarks>
/// One thread at a time. The caller runs the forward pass of the live hypotheses, hands their logits to <see cref="Advance"/> and maps
/// the parents in the resulting step to its own rows. Nothing is allocated in <see cref="Advance"/> unless log-probabilities were asked
/// for.
/// </remarks>
public interface ISearch
{
    /// <summary>
    /// Rows of logits that the next <see cref="Advance"/> takes: 1 for the prompt, then one a live hypothesis. 0 when done.
    /// </summary>
    int LiveCount { get; }

    /// <summary>Tokens that each live hypothesis has generated.</summary>
    int Step { get; }

    /// <summary>Whether the search has ended.</summary>
    bool IsDone { get; }

    /// <summary>The generated ids of a live hypothesis, without the prompt; valid until the next call.</summary>
    /// <param name="live">0 to <see cref="LiveCount"/> - 1.</param>
    ReadOnlySpan<int> GeneratedIds(int live);

    /// <summary>Takes one step.</summary>
    /// <param name="logits">The model's logits, one row a live hypothesis, in their order; changed in place.</param>
    /// <param name="step">Receives what happened; its former content is dropped.</param>
    void Advance(LogitsRows logits, SearchStep step);

    /// <summary>Ends the search as it stands: the live hypotheses finish with what they have.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="step">Receives the finished events.</param>
    void Stop(SearchEndReason reason, SearchStep step);

    /// <summary>The state as data; a search restored from it gives the same steps.</summary>
    SearchState Save();

    /// <summary>What was found: beam search best first (as many as asked for), samples by number.</summary>
    /// <exception cref="InvalidOperationException">The search has not ended.</exception>
    ImmutableArray<FinishedHypothesis> GetResults();
}
