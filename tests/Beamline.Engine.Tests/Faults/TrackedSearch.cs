using Beamline.Abstractions.Searches;
using Beamline.Engine.Invariants;

namespace Beamline.Engine.Tests.Faults;

/// <summary>What the run knows of one search.</summary>
internal sealed class TrackedSearch(SearchTicket ticket, long submittedAt)
{
    public SearchTicket Ticket => ticket;

    public SearchId Id => ticket.Id;

    /// <summary>The step after which it was offered.</summary>
    public long SubmittedAt => submittedAt;

    public bool IsCancelled { get; set; }

    public bool IsForgotten { get; set; }

    /// <summary>Whether it is offered again when it is lost.</summary>
    public bool GoesOn { get; init; }

    /// <summary>As it was seen last.</summary>
    public SearchView? Last { get; set; }

    /// <summary>Others that read it, each to the end.</summary>
    public List<Task<List<SearchEvent>?>> Readers { get; } = [];
}
