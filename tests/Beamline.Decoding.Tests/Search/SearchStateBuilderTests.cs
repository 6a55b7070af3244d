using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;
using Beamline.Decoding.Tests.Support;
using Beamline.Decoding.Validation;
using CsCheck;

namespace Beamline.Decoding.Tests.Search;

public sealed class SearchStateBuilderTests
{
    private static readonly Gen<GenerationParameters> AnyParameters =
        from kind in Gen.Int[0, 4]
        from logprobs in Gen.Int[0, 2]
        from stopping in Gen.Enum<EarlyStopping>()
        from seed in Gen.Long
        from penalty in Gen.Float[-1, 2]
        select new GenerationParameters
        {
            MaxNewTokens = 6, EosTokenId = [3, 5], Seed = seed, TopK = 0, Logprobs = logprobs == 0 ? null : logprobs,
            DoSample = kind is 1 or 3, NumReturnSequences = kind == 0 ? 1 : 4, NumBeams = kind >= 2 ? 4 : 1,
            NumBeamGroups = kind == 4 ? 2 : null,
            DiversityPenalty = kind == 4 ? 1 : null, EarlyStopping = stopping, LengthPenalty = penalty,
        };

    /// <summary>From the start, from a recorded state, and after a deadline: always what the search itself would save.</summary>
    [Fact]
    public void Build_AfterEachStep_IsWhatTheSearchSaves() =>
        Gen.Select(Gen.Float[-3, 3].Array[7].Array[7], AnyParameters, Gen.Int[0, 5], Gen.Bool).Sample(
        (rows, values, resumeAt, isStopped) =>
        {
            TableModel model = TableModel.OfRows(rows);
            SearchTicket ticket = Runs.Ticket(ParameterValidator.Check(values, new(7, 30, [], 2, 0)).OrThrow(), [1, 2]);
            ISearch search = SearchFactory.Create(ticket, NoTokenBytes.Instance);
            SearchStateBuilder builder = new(ticket);
            Json(builder.Build()).ShouldBe(Json(search.Save()));
            SearchStep step = new(ticket.Rows);
            while (!search.IsDone)
            {
                if (search.Step == resumeAt)
                {
                    SearchTicket resumed = ticket with { Resume = builder.Build() };
                    (search, builder) = (SearchFactory.Create(resumed, NoTokenBytes.Instance), new(resumed));
                    if (isStopped) search.Stop(SearchEndReason.Deadline, step);
                }
                if (!search.IsDone) search.Advance(Runs.Logits(model, ticket, search), step);
                builder.Apply(step.Events, step.Logprobs);
                if (step.Events.Length > 0) Json(builder.Build()).ShouldBe(Json(search.Save()));
                else search.IsDone.ShouldBeTrue();
            }
        },
        iter: 2_000);

    private static string Json(SearchState state) => JsonSerializer.Serialize(state);
}
