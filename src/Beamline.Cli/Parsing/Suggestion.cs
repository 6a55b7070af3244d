namespace Beamline.Cli.Parsing;

/// <summary>Finds what a mistyped word was meant to be.</summary>
internal static class Suggestion
{
    /// <summary>The nearest of some words: fewest letters changed, added, dropped or swapped; null when none is near.</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="known">What could have been meant; the first of equally near ones wins.</param>
    public static string? For(string word, IEnumerable<string> known)
    {
        string plain = word.Replace('_', '-').ToLowerInvariant();
        string? best = null;
        // One slip in three letters is still the same word; a word that only lacks its end is too.
        int least = 1 + (plain.Length / 3);
        foreach (string candidate in known)
        {
            int distance = Distance(plain, candidate);
            if (distance > 1 && candidate.StartsWith(plain, StringComparison.Ordinal)) distance = 1;
            if (distance >= least) continue;
            best = candidate;
            least = distance;
        }
        return best;
    }

    // Damerau's distance with adjacent swaps: https://doi.org/10.1145/363958.363994
    private static int Distance(string left, string right)
    {
        int[,] cost = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= right.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int change = left[i - 1] == right[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + change);
                bool isSwap = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                if (isSwap) cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[left.Length, right.Length];
    }
}
