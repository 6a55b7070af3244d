using Beamline.Abstractions.Updates;
using Beamline.Decoding.Metrics;

namespace Beamline.Cli.Comparison;

/// <summary>
/// How coherent and how diverse the sequences of one method are. A figure that does not exist, such as self-BLEU of one sequence, is NaN.
/// </summary>
/// <param name="LogLikelihood">Mean log-probability of all tokens by the model alone; nearer to 0 is likelier.</param>
/// <param name="Distinct1">Different tokens as a part of all; 0 to 1.</param>
/// <param name="Distinct2">The same of pairs.</param>
/// <param name="Distinct3">The same of triples.</param>
/// <param name="Repetition">The part of tokens that occurred among the 32 before them; 0 to 1.</param>
/// <param name="SelfBleu">How well each sequence is predicted by the others; 0 to 1.</param>
internal sealed record MethodFigures(
    double LogLikelihood, double Distinct1, double Distinct2, double Distinct3, double Repetition, double SelfBleu)
{
    /// <summary>The figures of a run that reported log-probabilities.</summary>
    public static MethodFigures Of(GenerationResult result)
    {
        IReadOnlyList<int>[] sequences = [.. result.Hypotheses.Select(hypothesis => hypothesis.Ids)];
        float[] logprobs = [.. result.Hypotheses.SelectMany(hypothesis => hypothesis.Logprobs).Select(token => token.Raw)];
        return new(
            TextMetrics.MeanLogLikelihood(logprobs),
            TextMetrics.Distinct(sequences, 1),
            TextMetrics.Distinct(sequences, 2),
            TextMetrics.Distinct(sequences, 3),
            TextMetrics.RepetitionRate(sequences),
            TextMetrics.SelfBleu(sequences));
    }
}
