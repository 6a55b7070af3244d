using System.Collections.Immutable;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Logprobs;

/// <summary>The log-probabilities of a hypothesis, last token first. Forks share what they have in common.</summary>
/// <param name="Before">Those of the tokens before; null for the first.</param>
/// <param name="Last">Those of the last token.</param>
/// <param name="Length">Number of tokens.</param>
internal sealed record LogprobChain(LogprobChain? Before, TokenLogprobs Last, int Length)
{
    /// <summary>A chain with one more token.</summary>
    public static LogprobChain Append(LogprobChain? before, TokenLogprobs last) => new(before, last, (before?.Length ?? 0) + 1);

    /// <summary>A chain of recorded log-probabilities; null when there are none.</summary>
    public static LogprobChain? Of(ImmutableArray<TokenLogprobs> tokens)
    {
        LogprobChain? chain = null;
        foreach (TokenLogprobs token in tokens) chain = Append(chain, token);
        return chain;
    }

    /// <summary>The tokens in order.</summary>
    public static ImmutableArray<TokenLogprobs> ToArray(LogprobChain? chain)
    {
        if (chain is null) return [];
        TokenLogprobs[] tokens = new TokenLogprobs[chain.Length];
        for (int i = tokens.Length - 1; chain is not null; chain = chain.Before) tokens[i--] = chain.Last;
        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(tokens);
    }
}
