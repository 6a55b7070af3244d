using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Server.Limits;

namespace Beamline.Server.Http.Requests;

/// <summary>Reads OpenAI's <c>prompt</c>: a text, a list of texts, token ids, or a list of lists of token ids.</summary>
internal static class PromptReader
{
    private const string Field = "prompt";
    private const string Forms = "a text, a list of texts, token ids or a list of lists of token ids";

    /// <summary>The prompts; one empty text when none was given, so that the run starts from the begin token.</summary>
    public static ImmutableArray<Prompt> Take(RequestFields fields, LimitSettings limits)
    {
        if (!fields.TryTake(Field, out JsonElement value)) return [new TextPrompt("")];
        ImmutableArray<Prompt> prompts = Read(fields, value);
        if (prompts.Length > limits.Prompts)
        {
            fields.Refuse(Field, prompts.Length, $"at most {Counted.Of(limits.Prompts, "prompt")} a request");
        }
        long bytes = prompts.Sum(SizeOf);
        if (bytes > limits.PromptBytes) fields.Refuse(Field, (int)bytes, $"at most {Counted.Of(limits.PromptBytes, "byte")}");
        return prompts;
    }

    private static ImmutableArray<Prompt> Read(RequestFields fields, JsonElement value)
    {
        if (ReadOne(value) is { } one) return [one];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            fields.Refuse(Field, value, Forms);
            return [];
        }
        ImmutableArray<Prompt>.Builder prompts = ImmutableArray.CreateBuilder<Prompt>(value.GetArrayLength());
        int place = 0;
        foreach (JsonElement entry in value.EnumerateArray())
        {
            if (ReadOne(entry) is { } prompt) prompts.Add(prompt);
            else fields.Refuse($"{Field}[{place}]", entry, "a text or a list of token ids");
            place++;
        }
        return prompts.DrainToImmutable();
    }

    // An empty list is no prompt: it could as well be a forgotten list of prompts.
    private static Prompt? ReadOne(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? new TextPrompt(value.GetString()!)
        : RequestFields.TryReadIds(value, out int[]? ids) && ids.Length > 0 ? new TokenPrompt([.. ids])
        : null;

    private static long SizeOf(Prompt prompt) => prompt switch
    {
        TextPrompt text => Encoding.UTF8.GetByteCount(text.Text),
        TokenPrompt tokens => (long)tokens.Ids.Length * sizeof(int),
        _ => 0,
    };
}
