using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Decoding.Validation;
using Beamline.Server.Http.Requests;
using Beamline.Server.Limits;

namespace Beamline.Server.Http.Completions;

/// <summary>
/// Reads the body of <c>POST /v1/completions</c>: OpenAI's fields, and every generation parameter by its Hugging Face name.
/// </summary>
/// <remarks>
/// OpenAI's defaults hold: 16 tokens; temperature 1, which draws; no top-k. A body that says <c>do_sample</c> asks for transformers' way:
/// then its defaults hold for the rest (top_k 50, greedy when false). With <c>num_beams</c> above 1 nothing is drawn unless it says so.
/// </remarks>
internal static class CompletionReader
{
    private const int DefaultMaxTokens = 16;

    /// <summary>Reads and checks everything that can be checked without the model.</summary>
    /// <exception cref="BeamlineException">At least one fault; all of them are in it.</exception>
    public static CompletionCall Read(JsonElement body, RequestId id, LimitSettings limits)
    {
        RequestFields fields = new(body);
        CompletionAliases aliases = CompletionAliases.Take(fields, limits);
        bool stream = fields.TakeFlag("stream");
        bool echo = fields.TakeFlag("echo");
        (bool durable, bool background) = TakeDurability(fields, stream);
        bool tokenIds = fields.TakeFlag("return_token_ids");
        bool usage = TakeIncludeUsage(fields, stream);
        int? bestOf = fields.TakeWhole("best_of", 1, limits.Sequences);
        string? model = fields.TakeText("model");
        string? user = fields.TakeText("user");
        ImmutableArray<Prompt> prompts = PromptReader.Take(fields, limits);
        if (fields.TryTake("suffix", out JsonElement suffix)) fields.Refuse("suffix", suffix, "null; text can only be continued");

        GenerationParameters given = aliases.Merge(ParameterFields.Take(fields), fields);
        foreach (string name in fields.Left) fields.Faults.Add(new(name, "not a field of this route", "the fields of docs/http-api.md"));
        CheckLimits(given, fields, aliases, limits);

        int choices = given.NumReturnSequences ?? 1;
        bool picksBest = bestOf > choices;
        CheckBestOf(bestOf, choices, stream, given, fields);
        CheckEcho(echo, prompts, given, fields);
        if (fields.Faults.Count > 0)
        {
            throw new BeamlineException(BeamlineError.Invalid([.. fields.Faults, .. FindMore(given, fields, aliases)]));
        }

        GenerationParameters parameters = WithDefaults(given);
        return new()
        {
            Request = new()
            {
                Id = id,
                Model = model,
                Prompts = prompts,
                User = user,
                Durable = durable,
                Parameters = picksBest ? parameters with { NumReturnSequences = bestOf, Logprobs = parameters.Logprobs ?? 0 } : parameters,
            },
            Choices = choices,
            PicksBest = picksBest,
            Stream = stream,
            Background = background,
            IncludeUsage = usage,
            Echo = echo,
            Logprobs = parameters.Logprobs is not null,
            TokenIds = tokenIds,
            CallersNames = picksBest ? aliases.CallersNames.SetItem("num_return_sequences", "best_of") : aliases.CallersNames,
        };
    }

    /// <summary>Fills in what the body leaves open.</summary>
    internal static GenerationParameters WithDefaults(GenerationParameters given)
    {
        GenerationParameters parameters = given;
        if (given.MaxNewTokens is null && given.MaxLength is null) parameters = parameters with { MaxNewTokens = DefaultMaxTokens };
        if (given.DoSample is not null || given.NumBeams > 1) return parameters;
        // Temperature 0 is OpenAI's way to say greedy; transformers knows no such temperature.
        return given.Temperature == 0
            ? parameters with { DoSample = false, Temperature = null }
            : parameters with { DoSample = true, TopK = given.TopK ?? 0 };
    }

    /// <summary>What the silo would refuse next, if this were mended: a caller is to hear everything at once.</summary>
    private static IEnumerable<Fault> FindMore(GenerationParameters given, RequestFields fields, CompletionAliases aliases) =>
        ParameterValidator.FindFaultsOfAnyModel(WithDefaults(given))
            .Select(fault => fault with { Field = aliases.CallersName(fault.Field) })
            .ExceptBy(fields.Faults.Select(fault => fault.Field), fault => fault.Field);

    // A run that nobody waits for would be cancelled if it were not durable.
    private static (bool Durable, bool Background) TakeDurability(RequestFields fields, bool stream)
    {
        bool isGiven = fields.TryPeek("durable", out JsonElement given);
        bool durable = fields.TakeFlag("durable");
        bool background = fields.TakeFlag("background");
        if (background && stream) fields.Faults.Add(new("background", "true", "false with stream; read the events of the request instead"));
        if (background && isGiven && given.ValueKind == JsonValueKind.False) fields.Refuse("durable", given, "true with background");
        return (durable || background, background);
    }

    private static bool TakeIncludeUsage(RequestFields fields, bool stream)
    {
        const string name = "stream_options";
        if (!fields.TryTake(name, out JsonElement value)) return false;
        if (!stream) fields.Refuse(name, value, "null unless stream is true");
        if (value.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse(name, value, "an object");
            return false;
        }
        RequestFields options = new(value);
        bool include = options.TakeFlag("include_usage");
        fields.Faults.AddRange(options.Faults.Select(f => f with { Field = $"{name}.{f.Field}" }));
        foreach (string left in options.Left) fields.Faults.Add(new($"{name}.{left}", "not a field", "include_usage"));
        return include;
    }

    private static void CheckLimits(
        GenerationParameters given, RequestFields fields, CompletionAliases aliases, LimitSettings limits)
    {
        AtMost("max_new_tokens", given.MaxNewTokens, limits.MaxTokens);
        AtMost("num_return_sequences", given.NumReturnSequences, limits.Sequences);
        AtMost("num_beams", given.NumBeams, limits.Beams);
        AtMost("stop_strings", given.StopStrings?.Length, limits.StopStrings);

        void AtMost(string name, int? value, int limit)
        {
            if (value > limit) fields.Refuse(aliases.CallersName(name), value.Value, $"at most {limit} on this server");
        }
    }

    private static void CheckBestOf(int? bestOf, int choices, bool stream, GenerationParameters given, RequestFields fields)
    {
        if (bestOf is not { } value) return;
        if (value < choices) fields.Refuse("best_of", value, $"n ({choices}) or more");
        if (stream && value > choices) fields.Refuse("best_of", value, "not above n with stream: the best are known at the end");
        if (given.NumBeams > 1 && value > choices) fields.Refuse("best_of", value, "not above n with num_beams: beams are the best");
    }

    private static void CheckEcho(bool echo, ImmutableArray<Prompt> prompts, GenerationParameters given, RequestFields fields)
    {
        if (!echo) return;
        if (given.Logprobs is not null) fields.Faults.Add(new("echo", "true", "false with logprobs, which a prompt has none of"));
        if (prompts.Any(prompt => prompt is not TextPrompt)) fields.Faults.Add(new("echo", "true", "false with prompts of token ids"));
    }
}
