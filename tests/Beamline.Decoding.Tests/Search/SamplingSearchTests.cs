using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;

namespace Beamline.Decoding.Tests.Search;

public sealed class SamplingSearchTests
{
    private static readonly TableModel Model = TableModel.OfRows([[1, 2, 0, 0], [0, 1, 3, 0], [2, 0, 0, 1], [0, 1, 2, 0]]);

    [Fact]
    public void Samples_SplitIntoParts_AreThoseOfTheWhole()
    {
        CheckedParameters parameters = ParameterValidator.Check(
            new() { DoSample = true, NumReturnSequences = 6, Seed = 7, MaxNewTokens = 9, EosTokenId = [3] },
            new(4, 20, [], 1, 0)).OrThrow();
        SearchTicket whole = Runs.Ticket(parameters, [0]);

        var parts = new[] { (First: 0, Count: 1), (First: 1, Count: 3), (First: 4, Count: 2) }.SelectMany(
            part => Runs.Run(Model, whole with { FirstBranch = part.First, Rows = part.Count }));

        Lines(parts).ShouldBe(Lines(Runs.Run(Model, whole)));
    }

    [Fact]
    public void Samples_OfOneSeed_DifferFromEachOther()
    {
        CheckedParameters parameters = ParameterValidator.Check(
            new() { DoSample = true, NumReturnSequences = 8, Seed = 1, MaxNewTokens = 9 }, new(4, 20, [], 1, 0)).OrThrow();
        IEnumerable<string> texts = Runs.Run(Model, Runs.Ticket(parameters, [0])).Select(hypothesis => string.Join(",", hypothesis.Ids));
        texts.Distinct().Count().ShouldBeGreaterThan(4);
    }

    private static IEnumerable<string> Lines(IEnumerable<FinishedHypothesis> found) =>
        found.Select(hypothesis => $"{hypothesis.Branch}: {string.Join(",", hypothesis.Ids)} {hypothesis.Reason}");
}
