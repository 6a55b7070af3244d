using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Server.Http.Requests;
using Beamline.Server.Limits;

namespace Beamline.Server.Http.Completions;

/// <summary>Parameters that OpenAI calls otherwise than transformers does.</summary>
/// <param name="MaxTokens"><c>max_tokens</c>, transformers' <c>max_new_tokens</c>.</param>
/// <param name="N"><c>n</c>, transformers' <c>num_return_sequences</c>.</param>
/// <param name="Stop"><c>stop</c>, transformers' <c>stop_strings</c>; one text or a list.</param>
internal sealed record CompletionAliases(int? MaxTokens, int? N, ImmutableArray<string>? Stop)
{
    private const string MaxTokensName = "max_tokens";
    private const string NName = "n";
    private const string StopName = "stop";

    /// <summary>OpenAI's names by transformers', of those that were given.</summary>
    public ImmutableDictionary<string, string> CallersNames { get; } = ImmutableDictionary.CreateRange(
        new (string Theirs, string Callers, bool IsGiven)[]
        {
            ("max_new_tokens", MaxTokensName, MaxTokens is not null),
            ("num_return_sequences", NName, N is not null),
            ("stop_strings", StopName, Stop is not null),
        }.Where(name => name.IsGiven).Select(name => KeyValuePair.Create(name.Theirs, name.Callers)));

    /// <summary>A parameter as the caller called it.</summary>
    public string CallersName(string name) => CallersNames.GetValueOrDefault(name, name);

    /// <summary>Takes them out of a request.</summary>
    public static CompletionAliases Take(RequestFields fields, LimitSettings limits) => new(
        fields.TakeWhole(MaxTokensName, 1, limits.MaxTokens),
        fields.TakeWhole(NName, 1, limits.Sequences),
        TakeStop(fields));

    /// <summary>Puts them where transformers' names have left room; giving both names is a fault.</summary>
    public GenerationParameters Merge(GenerationParameters given, RequestFields fields)
    {
        if (MaxTokens is not null && given.MaxNewTokens is not null) Twice(MaxTokensName, "max_new_tokens");
        if (N is not null && given.NumReturnSequences is not null) Twice(NName, "num_return_sequences");
        if (Stop is not null && given.StopStrings is not null) Twice(StopName, "stop_strings");
        return given with
        {
            MaxNewTokens = MaxTokens ?? given.MaxNewTokens,
            NumReturnSequences = N ?? given.NumReturnSequences,
            StopStrings = Stop ?? given.StopStrings,
        };

        void Twice(string name, string other) => fields.Faults.Add(new(name, $"given besides {other}", "one of the two"));
    }

    private static ImmutableArray<string>? TakeStop(RequestFields fields)
    {
        if (!fields.TryTake(StopName, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return [value.GetString()!];
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(entry => entry.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(entry => entry.GetString()!)];
        }
        fields.Refuse(StopName, value, "a text or a list of texts");
        return null;
    }
}
