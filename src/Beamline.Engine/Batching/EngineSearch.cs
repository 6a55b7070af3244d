using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Engine.Outputs;
using Beamline.Engine.Planning;

namespace Beamline.Engine.Batching;

/// <summary>One search inside an engine. Owned by the engine thread, but for <see cref="Output"/>.</summary>
internal sealed class EngineSearch
{
    private readonly long _kvBytesPerRow;

    public EngineSearch(SearchTicket ticket, long arrival, SearchOutput output, long kvBytesPerPosition)
    {
        Ticket = ticket;
        Arrival = arrival;
        Output = output;
        Rows = new int[ticket.Rows];
        // The last token generated is never fed, so its position is never written; keeping it in the sum keeps the sum simple.
        _kvBytesPerRow = kvBytesPerPosition * (ticket.PromptIds.Length + ticket.Parameters.MaxNewTokens);
    }

    public SearchTicket Ticket { get; }

    /// <summary>Its place in the order of arrival; kept when it is preempted.</summary>
    public long Arrival { get; }

    public SearchOutput Output { get; }

    /// <summary>Whether it takes a place of the bounded line; one for which rows are free only passes through.</summary>
    public bool CountsAsWaiting { get; set; }

    /// <summary>The state machine; made when the search first starts, kept through preemptions.</summary>
    public ISearch? Search { get; set; }

    /// <summary>The row of each live hypothesis; the first <see cref="RowCount"/> count.</summary>
    public int[] Rows { get; }

    /// <summary>Rows it has in the batch now.</summary>
    public int RowCount { get; set; }

    /// <summary>Whether a forward pass that it was part of failed.</summary>
    public bool IsLost { get; set; }

    /// <summary>What its state machine threw; null while it is sound.</summary>
    public Exception? Defect { get; set; }

    /// <summary>Whether its rows are in the batch; else its prompt is still to be computed.</summary>
    public bool IsDecoding { get; set; }

    /// <summary>The row in which the prompt is being computed; -1 before it begins.</summary>
    public int PromptRow { get; set; } = -1;

    /// <summary>Prompt positions whose KV is there.</summary>
    public int PromptDone { get; set; }

    /// <summary>First row of its logits in the present pass; -1 when it replays.</summary>
    public int LogitsRow { get; set; }

    public int PrefilledTokens { get; set; }

    public int GeneratedTokens { get; set; }

    public int CachedTokens { get; set; }

    /// <summary>Rows it may still come to need. Samples that have ended do not come back; pruned beams may.</summary>
    public int RowsHeld => Search is { LiveCount: var live, Step: > 0 } && Ticket.Parameters.Kind != SearchKind.Beam ? live : Ticket.Rows;

    /// <summary>KV it may still come to need.</summary>
    public long KvHeld => RowsHeld * _kvBytesPerRow;

    /// <summary>Prompt tokens and tokens to generate, at most: what waits with it in the line.</summary>
    public long Tokens => Ticket.PromptIds.Length + (long)Ticket.Parameters.MaxNewTokens * Ticket.Rows;

    /// <summary>Tokens that were computed for it so far; those from the prefix cache cost nobody anything.</summary>
    public long ServedTokens => PrefilledTokens + GeneratedTokens;

    /// <summary>Whom it counts for; all that name nobody are one user.</summary>
    public string User => Ticket.User ?? "";

    /// <summary>A prompt of one token is fed by a decode step, since a pass over one token has its own bits.</summary>
    public bool HasPrefill => Ticket.PromptIds.Length > 1;

    public PlannedSearch ToPlanned() =>
        new(Ticket.Priority, RowsHeld, KvHeld, IsDecoding || !HasPrefill ? 0 : Ticket.PromptIds.Length - PromptDone);

    /// <summary>Back to before its prompt was computed; what it generated stays.</summary>
    public void Reset()
    {
        IsDecoding = false;
        PromptRow = -1;
        PromptDone = 0;
    }
}
