using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;
using CsCheck;

namespace Beamline.Grains.Tests.Sequences;

public sealed class SearchPlanTests
{
    [Fact]
    public void Parts_CoverAllSamplesOnce_WithinTheRows() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 20], Gen.Int[1, 3]).Sample((samples, rows, prompts) =>
        {
            GenerationParameters values = new() { DoSample = true, NumReturnSequences = samples, MaxNewTokens = 4 };
            ImmutableArray<SearchTicket> tickets = Tickets.Plan(rows, Enumerable.Range(0, prompts).Select(i => Tickets.Prompt(i, values)));

            tickets.Select(ticket => ticket.Id).ShouldBeUnique();
            tickets.ShouldAllBe(ticket => ticket.Rows >= 1 && ticket.Rows <= rows);
            tickets.SelectMany(ticket => Enumerable.Range(ticket.FirstBranch, ticket.Rows).Select(branch => (ticket.Id.Prompt, branch)))
                .ShouldBe(
                    from prompt in Enumerable.Range(0, prompts) from branch in Enumerable.Range(0, samples) select (prompt, branch));
            foreach (IGrouping<int, SearchTicket> parts in tickets.GroupBy(ticket => ticket.Id.Prompt))
            {
                parts.Select(ticket => ticket.Id.Part).ShouldBe(Enumerable.Range(0, parts.Count()));
            }
        });

    [Fact]
    public void GreedyAndBeamSearch_AreNotSplit()
    {
        ImmutableArray<SearchTicket> tickets = Tickets.Plan(
            4, Tickets.Prompt(0, new() { MaxNewTokens = 4 }), Tickets.Prompt(1, new() { MaxNewTokens = 4, NumBeams = 4 }));
        tickets.Select(ticket => (ticket.Id.ToString(), ticket.Rows)).ShouldBe([("r/0/0", 1), ("r/1/0", 4)]);
    }

    [Fact]
    public void BeamSearchWiderThanEveryWorker_IsRefused()
    {
        PromptRun prompt = Tickets.Prompt(0, new() { MaxNewTokens = 4, NumBeams = 4 });
        BeamlineError error = Should.Throw<BeamlineException>(() => Tickets.Plan(3, prompt)).Error;
        error.Faults.ShouldHaveSingleItem().ShouldBe(new Fault("num_beams", "4", "at most 3, the rows of the widest worker"));
    }

    [Fact]
    public void Ticket_CarriesWhatTheRequestSays()
    {
        DateTimeOffset deadline = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        SearchTicket ticket = SearchPlan.Create(
            new() { Id = Tickets.Request, Prompts = [], Priority = RequestPriority.Batch, Deadline = deadline, User = "u" },
            "m", [Tickets.Prompt(2, new() { MaxNewTokens = 4 })], rows: 4).ShouldHaveSingleItem();
        (ticket.Model, ticket.Priority, ticket.Deadline, ticket.User, ticket.Id.Prompt)
            .ShouldBe(("m", RequestPriority.Batch, deadline, "u", 2));
        ticket.PromptIds.ShouldBe([1, 2, 3]);
    }
}
