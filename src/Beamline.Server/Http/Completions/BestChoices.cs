using Beamline.Abstractions.Updates;

namespace Beamline.Server.Http.Completions;

/// <summary>OpenAI's <c>best_of</c>: of the sequences of a prompt, those with the highest log-probability a token.</summary>
internal static class BestChoices
{
    /// <summary>The sequences to return and their numbers, in that order. Equal ones keep their order.</summary>
    public static IEnumerable<(Hypothesis Hypothesis, int Index)> Pick(IReadOnlyList<Hypothesis> hypotheses, CompletionCall call)
    {
        foreach (IGrouping<int, Hypothesis> prompt in hypotheses.GroupBy(hypothesis => hypothesis.Prompt))
        {
            IEnumerable<Hypothesis> picked = call.PicksBest ? prompt.OrderByDescending(MeanLogprob).Take(call.Choices) : prompt;
            int place = 0;
            foreach (Hypothesis hypothesis in picked) yield return (hypothesis, (prompt.Key * call.Choices) + place++);
        }
    }

    private static double MeanLogprob(Hypothesis hypothesis) =>
        hypothesis.Logprobs.IsEmpty ? double.NegativeInfinity : hypothesis.Logprobs.Average(token => (double)token.Raw);
}
