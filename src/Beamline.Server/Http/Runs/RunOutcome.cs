using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Runs;

/// <summary>Everything a run produced.</summary>
/// <param name="Model">The model that generated.</param>
/// <param name="Seed">The seed that was used.</param>
/// <param name="Sequences">By prompt; for each prompt beams best first, samples by number.</param>
/// <param name="Usage">Tokens, counted.</param>
/// <param name="Warnings">Parameters without effect, one line each.</param>
internal sealed record RunOutcome(
    string Model, ulong Seed, RunSequence[] Sequences, CompletionUsage Usage, IReadOnlyList<string> Warnings)
{
    /// <summary>The form of a result.</summary>
    public static RunOutcome Of(GenerationResult result) => new(
        result.Model, result.Seed, [.. result.Hypotheses.Select(RunSequence.Of)], CompletionUsage.Of(result.Usage), result.Warnings);
}
