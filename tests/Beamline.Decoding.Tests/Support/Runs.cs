using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Tests.Support;

/// <summary>Runs searches over a table model.</summary>
internal static class Runs
{
    public static SearchTicket Ticket(CheckedParameters parameters, ImmutableArray<int> prompt, SearchState? resume = null) => new()
    {
        Id = new(new RequestId("test"), 0, 0),
        Model = "table",
        PromptIds = prompt,
        Parameters = parameters,
        Rows = parameters.MaxRows,
        Resume = resume,
    };

    /// <summary>Runs a search to its end; looks at each step when asked to.</summary>
    public static ImmutableArray<FinishedHypothesis> Run(
        TableModel model, SearchTicket ticket, ITokenBytes? tokens = null, Action<ISearch, SearchStep>? seen = null)
    {
        ISearch search = SearchFactory.Create(ticket, tokens ?? NoTokenBytes.Instance);
        return Finish(model, ticket, search, seen);
    }

    /// <summary>Runs a search on from where it is.</summary>
    public static ImmutableArray<FinishedHypothesis> Finish(
        TableModel model, SearchTicket ticket, ISearch search, Action<ISearch, SearchStep>? seen = null)
    {
        SearchStep step = new(ticket.Rows);
        while (!search.IsDone)
        {
            search.Advance(Logits(model, ticket, search), step);
            seen?.Invoke(search, step);
        }
        return search.GetResults();
    }

    /// <summary>The rows of logits that a search waits for.</summary>
    public static LogitsRows Logits(TableModel model, SearchTicket ticket, ISearch search)
    {
        LogitsRows rows = new(new float[search.LiveCount * model.VocabularySize], model.VocabularySize);
        for (int place = 0; place < search.LiveCount; place++)
        {
            model.Forward([.. ticket.PromptIds, .. search.GeneratedIds(place)], rows[place]);
        }
        return rows;
    }
}
