using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;

namespace Beamline.Cli.Output;

/// <summary>A result as JSON, under the reference's words where it has some.</summary>
internal static class ResultJson
{
    /// <summary>Writes <c>{"id", "model", "seed", "sequences": [...], "usage": {...}, "warnings": [...]}</c>.</summary>
    public static void Write(Utf8JsonWriter json, GenerationResult result)
    {
        json.WriteStartObject();
        json.WriteString("id", result.Id.Value);
        json.WriteString("model", result.Model);
        json.WriteNumber("seed", result.Seed);
        json.WriteStartArray("sequences");
        foreach (Hypothesis hypothesis in result.Hypotheses) WriteSequence(json, hypothesis);
        json.WriteEndArray();
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", result.Usage.PromptTokens);
        json.WriteNumber("generated_tokens", result.Usage.GeneratedTokens);
        json.WriteNumber("cached_tokens", result.Usage.CachedTokens);
        json.WriteEndObject();
        json.WriteStartArray("warnings");
        foreach (string warning in result.Warnings) json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSequence(Utf8JsonWriter json, Hypothesis hypothesis)
    {
        json.WriteStartObject();
        json.WriteNumber("index", hypothesis.Index);
        json.WriteString("text", hypothesis.Text);
        json.WriteStartArray("ids");
        foreach (int id in hypothesis.Ids) json.WriteNumberValue(id);
        json.WriteEndArray();
        if (hypothesis.Score is { } score) WriteNumber(json, "score", score);
        else json.WriteNull("score");
        json.WriteString("finish_reason", hypothesis.Reason.Value);
        if (!hypothesis.Logprobs.IsEmpty)
        {
            json.WriteStartArray("logprobs");
            foreach (TokenLogprobs token in hypothesis.Logprobs) WriteLogprobs(json, token);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteLogprobs(Utf8JsonWriter json, TokenLogprobs token)
    {
        json.WriteStartObject();
        json.WriteNumber("id", token.Id);
        WriteNumber(json, "raw", token.Raw);
        WriteNumber(json, "processed", token.Processed);
        WriteTop(json, "top_raw", token.TopRaw);
        WriteTop(json, "top_processed", token.TopProcessed);
        json.WriteEndObject();
    }

    private static void WriteTop(Utf8JsonWriter json, string name, ImmutableArray<TokenLogprob> top)
    {
        json.WriteStartArray(name);
        foreach (TokenLogprob entry in top)
        {
            json.WriteStartObject();
            json.WriteNumber("id", entry.Id);
            WriteNumber(json, "logprob", entry.Logprob);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // JSON has no infinite numbers; a masked token's log-probability is one.
    private static void WriteNumber(Utf8JsonWriter json, string name, float value)
    {
        if (float.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
