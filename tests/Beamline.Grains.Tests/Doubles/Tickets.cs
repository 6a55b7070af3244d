using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Validation;
using Beamline.Grains.Sequences;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>Checked prompts and tickets as the checker and the plan make them.</summary>
internal static class Tickets
{
    public static readonly RequestId Request = new("r");

    public static PromptRun Prompt(int index, GenerationParameters values, int length = 3)
    {
        ParameterContext context = new(Tales.VocabularySize, 512, [0], length, FallbackSeed: 1);
        return new(index, [.. Enumerable.Range(1, length)], ParameterValidator.Check(values, context).OrThrow());
    }

    public static ImmutableArray<SearchTicket> Plan(int rows, params IEnumerable<PromptRun> prompts) =>
        SearchPlan.Create(new() { Id = Request, Prompts = [] }, "tales", [.. prompts], rows);
}
