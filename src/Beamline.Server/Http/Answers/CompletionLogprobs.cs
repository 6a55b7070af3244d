namespace Beamline.Server.Http.Answers;

/// <summary>Log-probabilities by the model alone, before temperature, masks and penalties; an entry a generated token.</summary>
/// <param name="Tokens">The tokens, as <c>token_id:17</c>.</param>
/// <param name="TokenLogprobs">Natural logarithms of their probabilities.</param>
/// <param name="TopLogprobs">The likeliest tokens and theirs; as many as asked for.</param>
/// <param name="TokenIds">The ids of <paramref name="Tokens"/>.</param>
internal sealed record CompletionLogprobs(
    string[] Tokens, float[] TokenLogprobs, Dictionary<string, float>[] TopLogprobs, int[] TokenIds)
{
    /// <summary>The log-probabilities of consecutive tokens.</summary>
    public static CompletionLogprobs Of(IReadOnlyCollection<Beamline.Abstractions.Searches.TokenLogprobs> tokens) => new(
        [.. tokens.Select(token => NameOf(token.Id))],
        [.. tokens.Select(token => token.Raw)],
        [.. tokens.Select(token => token.TopRaw.ToDictionary(top => NameOf(top.Id), top => top.Logprob))],
        [.. tokens.Select(token => token.Id)]);

    private static string NameOf(int id) => $"token_id:{id}";
}
