namespace Beamline.Decoding.Metrics;

/// <summary>Figures for coherence and diversity of generated sequences, over token ids.</summary>
public static class TextMetrics
{
    /// <summary>The longest n-gram of self-BLEU.</summary>
    public const int MaxBleuOrder = 4;

    /// <summary>The mean log-probability of tokens; nearer to 0 is likelier.</summary>
    /// <param name="logprobs">Log-probabilities of the chosen tokens, by the model alone.</param>
    /// <returns>0 or less; NaN without tokens.</returns>
    public static double MeanLogLikelihood(ReadOnlySpan<float> logprobs)
    {
        double sum = 0;
        foreach (float logprob in logprobs) sum += logprob;
        return sum / logprobs.Length;
    }

    /// <summary>distinct-n: different n-grams as a part of all n-grams, over all sequences together.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="n">Tokens of an n-gram; 1 or more.</param>
    /// <returns>Above 0, at most 1, more is more diverse; NaN when there is no n-gram.</returns>
    /// <remarks>Li et al. 2016, arXiv:1510.03055.</remarks>
    public static double Distinct(IReadOnlyList<IReadOnlyList<int>> sequences, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        HashSet<NGram> different = [];
        int all = 0;
        foreach (IReadOnlyList<int> sequence in sequences)
        {
            foreach (NGram ngram in NGram.AllOf(sequence, n))
            {
                different.Add(ngram);
                all++;
            }
        }
        return (double)different.Count / all;
    }

    /// <summary>The part of tokens that already occurred among the tokens before them, in a window.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="window">Tokens looked back; 1 or more; 32 is usual.</param>
    /// <returns>0 to 1, less is more diverse; NaN without tokens.</returns>
    /// <remarks>rep/l of Welleck et al. 2019, arXiv:1908.04319.</remarks>
    public static double RepetitionRate(IReadOnlyList<IReadOnlyList<int>> sequences, int window = 32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        int repeated = 0, all = 0;
        foreach (IReadOnlyList<int> sequence in sequences)
        {
            for (int i = 0; i < sequence.Count; i++)
            {
                all++;
                for (int j = Math.Max(0, i - window); j < i; j++)
                {
                    if (sequence[j] != sequence[i]) continue;
                    repeated++;
                    break;
                }
            }
        }
        return (double)repeated / all;
    }

    /// <summary>Self-BLEU: how well each sequence is predicted by the others: mean BLEU-4 of each against the rest.</summary>
    /// <param name="sequences">Two or more.</param>
    /// <returns>0 to 1, less is more diverse; NaN with fewer than two sequences.</returns>
    /// <remarks>
    /// Zhu et al. 2018, arXiv:1802.01886. Orders for which a sequence is too short are left out; an order without a match counts half a
    /// match
    /// (method 1 of Chen and Cherry 2014 with 0.5), so one missing 4-gram does not make the figure 0.
    /// </remarks>
    public static double SelfBleu(IReadOnlyList<IReadOnlyList<int>> sequences)
    {
        if (sequences.Count < 2) return double.NaN;
        double sum = 0;
        for (int i = 0; i < sequences.Count; i++) sum += Bleu(sequences[i], [.. sequences.Where((_, place) => place != i)]);
        return sum / sequences.Count;
    }

    private static double Bleu(IReadOnlyList<int> candidate, IReadOnlyList<int>[] references)
    {
        if (candidate.Count == 0) return 0;
        double logSum = 0;
        int orders = Math.Min(MaxBleuOrder, candidate.Count);
        for (int n = 1; n <= orders; n++)
        {
            (int matched, int all) = ClippedMatches(candidate, references, n);
            logSum += Math.Log(Math.Max(matched, 0.5) / all);
        }
        // The reference nearest in length, of equally near ones the shorter.
        int nearest = references.Select(reference => reference.Count)
            .OrderBy(length => Math.Abs(length - candidate.Count)).ThenBy(length => length).First();
        double brevity = candidate.Count >= nearest ? 1 : Math.Exp(1 - (double)nearest / candidate.Count);
        return brevity * Math.Exp(logSum / orders);
    }

    private static (int Matched, int All) ClippedMatches(IReadOnlyList<int> candidate, IReadOnlyList<int>[] references, int n)
    {
        Dictionary<NGram, int> limits = [];
        foreach (IReadOnlyList<int> reference in references)
        {
            foreach ((NGram ngram, int count) in NGram.AllOf(reference, n).CountBy(ngram => ngram))
            {
                limits[ngram] = Math.Max(limits.GetValueOrDefault(ngram), count);
            }
        }
        int matched = NGram.AllOf(candidate, n).CountBy(ngram => ngram)
            .Sum(entry => Math.Min(entry.Value, limits.GetValueOrDefault(entry.Key)));
        return (matched, candidate.Count - n + 1);
    }
}
