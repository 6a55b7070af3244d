using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Engine.Outputs;

namespace Beamline.Engine.Searches;

/// <summary>One search inside an engine. Owned by the engine thread, but for <see cref="Output"/>.</summary>
internal sealed class EngineSearch(SearchTicket ticket, long arrival, SearchOutput output)
{
    public SearchTicket Ticket => ticket;

    /// <summary>Its place in the order of arrival; kept when it is preempted.</summary>
    public long Arrival => arrival;

    public SearchOutput Output => output;

    /// <summary>Where it is in its life.</summary>
    public SearchLife Life { get; private set; }

    /// <summary>How it ends; set once its life is <see cref="SearchLife.Ending"/>.</summary>
    public SearchOutcome? Outcome { get; private set; }

    /// <summary>Whether it takes a place of the bounded line; one for which rows are free only passes through.</summary>
    public bool CountsAsWaiting { get; set; }

    /// <summary>The state machine; made when the search first starts, kept through preemptions.</summary>
    public ISearch? Search { get; set; }

    /// <summary>The row of each live hypothesis; the first <see cref="RowCount"/> count.</summary>
    public BatchRow[] Rows { get; } = new BatchRow[ticket.Rows];

    /// <summary>Rows it has in the batch now.</summary>
    public int RowCount { get; set; }

    /// <summary>The sequence in which the prompt is being computed; -1 when there is none.</summary>
    public int PromptSequence { get; set; } = -1;

    /// <summary>Prompt positions whose KV is there.</summary>
    public int PromptDone { get; set; }

    /// <summary>Prompt positions that the cache of prefixes is known to hold, as of <see cref="CachedVersion"/> of it.</summary>
    public int CachedPrefix { get; set; }

    /// <summary>The version of the cache of prefixes that was looked at; -1 before.</summary>
    public long CachedVersion { get; set; } = -1;

    /// <summary>First row of its logits in the present pass; -1 when it replays.</summary>
    public int LogitsRow { get; set; }

    public int PrefilledTokens { get; set; }

    public int GeneratedTokens { get; set; }

    public int CachedTokens { get; set; }

    /// <summary>Rows it may still come to need. Samples that have ended do not come back; pruned beams may.</summary>
    public int RowsHeld => Search is { LiveCount: var live, Step: > 0 } && ticket.Parameters.Kind != SearchKind.Beam ? live : ticket.Rows;

    /// <summary>Tokens that each of its hypotheses knows: the prompt, and what was generated.</summary>
    public int KnownTokens => ticket.PromptIds.Length + (Search?.Step ?? ticket.Resume?.Step ?? 0);

    /// <summary>Prompt tokens and tokens to generate, at most: what waits with it in the line.</summary>
    public long Tokens => ticket.PromptIds.Length + ((long)ticket.Parameters.MaxNewTokens * ticket.Rows);

    /// <summary>Tokens that were computed for it so far; those from the prefix cache cost nobody anything.</summary>
    public long ServedTokens => PrefilledTokens + GeneratedTokens;

    /// <summary>Whom it counts for; all that name nobody are one user.</summary>
    public string User => ticket.User ?? "";

    /// <summary>A prompt of one token is fed by a decode step, since a pass over one token has its own bits.</summary>
    public bool HasPrefill => ticket.PromptIds.Length > 1;

    /// <summary>Whether it is in the batch and goes on.</summary>
    public bool IsActive => Life is SearchLife.Prefilling or SearchLife.Decoding;

    /// <summary>Goes on to another stage of its life.</summary>
    /// <exception cref="InvalidOperationException">There is no way from here to there: a defect of the engine's.</exception>
    public void Enter(SearchLife next)
    {
        bool isWay = (Life, next) switch
        {
            (SearchLife.Waiting or SearchLife.Preempted, SearchLife.Prefilling or SearchLife.Decoding) => true,
            (SearchLife.Prefilling, SearchLife.Decoding) => true,
            (SearchLife.Prefilling or SearchLife.Decoding, SearchLife.Preempted) => true,
            (SearchLife.Ending, SearchLife.Ended) => true,
            _ => false,
        };
        if (!isWay) throw new InvalidOperationException($"Search {ticket.Id} cannot go from {Life} to {next}.");
        Life = next;
    }

    /// <summary>Decides how it ends; the first decision stands.</summary>
    public void End(SearchOutcome outcome)
    {
        if (Life is SearchLife.Ending or SearchLife.Ended) return;
        Life = SearchLife.Ending;
        Outcome = outcome;
    }
}
