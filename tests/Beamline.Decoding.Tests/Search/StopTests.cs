using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;

namespace Beamline.Decoding.Tests.Search;

public sealed class StopTests
{
    private static readonly TableModel Model = TableModel.OfRows([[1, 2, 0, 0], [0, 1, 3, 0], [2, 0, 0, 1], [0, 1, 2, 0]]);

    [Fact]
    public void Stop_Samples_FinishWithWhatTheyHave()
    {
        SearchTicket ticket = Ticket(new() { DoSample = true, NumReturnSequences = 3, MaxNewTokens = 8 });
        ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
        SearchStep step = new(ticket.Rows);
        search.Advance(Runs.Logits(Model, ticket, search), step);
        search.Advance(Runs.Logits(Model, ticket, search), step);

        search.Stop(SearchEndReason.Deadline, step);

        search.IsDone.ShouldBeTrue();
        search.LiveCount.ShouldBe(0);
        step.Events.ToArray().Select(change => (change.Branch, change.Parent, change.Token, change.Step))
            .ShouldBe([(0, 0, -1, 2), (1, 1, -1, 2), (2, 2, -1, 2)]);
        search.GetResults().ShouldAllBe(hypothesis => hypothesis.Ids.Length == 2 && hypothesis.Reason == FinishReason.Deadline);
    }

    [Fact]
    public void Stop_Beams_CompeteWithTheFinishedOnes()
    {
        SearchTicket ticket = Ticket(new() { NumBeams = 2, NumReturnSequences = 2, MaxNewTokens = 8, EosTokenId = [3] });
        ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
        SearchStep step = new(ticket.Rows);
        search.Advance(Runs.Logits(Model, ticket, search), step);

        search.Stop(SearchEndReason.Deadline, step);

        search.GetResults().Length.ShouldBe(2);
        search.GetResults()[0].Score!.Value.ShouldBeGreaterThanOrEqualTo(search.GetResults()[1].Score!.Value);
    }

    [Fact]
    public void Stop_BeforeTheFirstToken_GivesEmptySequences()
    {
        GenerationParameters[] kinds = [new(), new() { NumBeams = 2 }, new() { DoSample = true, NumReturnSequences = 2 }];
        foreach (GenerationParameters values in kinds)
        {
            SearchTicket ticket = Ticket(values);
            ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
            search.Stop(SearchEndReason.Deadline, new(ticket.Rows));
            search.GetResults().ShouldAllBe(hypothesis => hypothesis.Ids.Length == 0);
            search.GetResults().ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void Advance_AfterTheEnd_IsRefused()
    {
        SearchTicket ticket = Ticket(new());
        ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
        search.Stop(SearchEndReason.Deadline, new(1));
        Should.Throw<InvalidOperationException>(() => search.Advance(default, new(1)));
    }

    [Fact]
    public void Advance_WrongNumberOfRows_IsRefusedAndChangesNothing()
    {
        SearchTicket ticket = Ticket(new());
        ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
        Should.Throw<ArgumentException>(() => search.Advance(new(new float[8], 4), new(1)));
        search.Step.ShouldBe(0);
    }

    private static SearchTicket Ticket(GenerationParameters values) =>
        Runs.Ticket(ParameterValidator.Check(values, new(4, 20, [], 1, 5)).OrThrow(), [0]);
}
