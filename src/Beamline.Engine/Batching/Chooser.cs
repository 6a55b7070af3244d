using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>
/// Hands logits to searches, which choose what follows, and gives them the rows they need then. Owned by the engine thread.
/// </summary>
/// <param name="map">Maps hypotheses to rows.</param>
/// <param name="vocabularySize">Length of a row of logits.</param>
/// <param name="rows">Rows of a search at most.</param>
/// <param name="defect">Told of a search whose state machine threw.</param>
internal sealed class Chooser(HypothesisMap map, int vocabularySize, int rows, Action<EngineSearch, Exception> defect)
{
    private readonly SearchStep _step = new(rows);

    /// <summary>Tokens that searches have appended so far.</summary>
    public long GeneratedTokens { get; private set; }

    /// <summary>Takes a step of a search. What goes wrong is its own affair: it ends, the others of the pass go on.</summary>
    /// <param name="search">The search.</param>
    /// <param name="logits">One row a hypothesis, in their order; changed in place.</param>
    public void Advance(EngineSearch search, Span<float> logits)
    {
        try
        {
            search.Search!.Advance(new LogitsRows(logits, vocabularySize), _step);
        }
        catch (Exception e)
        {
            defect(search, e);
            search.End(Outcomes.Defective);
            return;
        }
        search.GeneratedTokens += _step.Events.Length;
        GeneratedTokens += _step.Events.Length;
        search.Output.Append(_step.Events, _step.Logprobs);
        try
        {
            map.Apply(search, search.Search.IsDone ? [] : _step.Live);
        }
        catch (OutOfMemoryException)
        {
            search.End(Outcomes.Lost("There was no memory for a hypothesis of the search."));
        }
        if (search.Search.IsDone) search.End(Outcomes.Completed(search));
    }

    /// <summary>Ends a search's hypotheses as they stand.</summary>
    public void Stop(EngineSearch search, SearchEndReason reason)
    {
        search.Search!.Stop(reason, _step);
        search.Output.Append(_step.Events, _step.Logprobs);
        search.End(Outcomes.Completed(search));
    }
}
