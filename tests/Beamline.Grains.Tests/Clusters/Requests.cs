using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>Requests with fresh ids, and what to do with their updates.</summary>
internal static class Requests
{
    public const string Prompt = "Write a tale about a mouse and a kite.\n";

    /// <summary>Long enough that much happens before it ends: no stop id, and most of the context.</summary>
    public static readonly GenerationParameters Long = new() { MaxNewTokens = 400, EosTokenId = [] };

    public static readonly GenerationParameters Sampled = new() { DoSample = true, Seed = 7, Temperature = 1.2f, MaxNewTokens = 24 };

    public static GenerationRequest Of(GenerationParameters values, params string[] prompts) => new()
    {
        Id = RequestId.New(),
        Prompts = [.. (prompts.Length == 0 ? [Prompt] : prompts).Select(text => new TextPrompt(text))],
        Parameters = values,
    };

    /// <summary>A short request for a model, null for none.</summary>
    public static GenerationRequest For(string? model) =>
        new() { Id = RequestId.New(), Model = model, Prompts = [new TextPrompt(Prompt)], Parameters = new() { MaxNewTokens = 8 } };

    /// <summary>An update without what differs between runs of equal content: the id and how much of the prompt was in a cache.</summary>
    public static string Describe(GenerationUpdate update) => update switch
    {
        TokenAppended token => $"{token.Position} {token.Prompt}/{token.Branch} +{token.Id} '{token.Text}' {Describe(token.Logprobs)}",
        BeamsChanged beams =>
            $"{beams.Position} {beams.Prompt} step {beams.Step} {string.Join(' ', beams.Live)} | {string.Join(' ', beams.Finished)}",
        Completed completed => $"{completed.Position} {string.Join(' ', Describe(completed.Result))}",
        _ => update.ToString(),
    };

    public static IEnumerable<string> Describe(GenerationResult result) => result.Hypotheses.Select(found =>
        $"{found.Prompt}/{found.Index} {string.Join(' ', found.Ids)} '{found.Text}' {found.Score} {found.Reason} " +
        $"{string.Join(' ', found.Logprobs.Select(Describe))}");

    private static string Describe(Abstractions.Searches.TokenLogprobs? logprobs) => logprobs is null ? ""
        : $"{logprobs.Raw} {logprobs.Processed} {string.Join(' ', logprobs.TopRaw)} {string.Join(' ', logprobs.TopProcessed)}";
}
