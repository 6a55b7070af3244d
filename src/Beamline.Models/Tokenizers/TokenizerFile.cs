using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;
using Microsoft.ML.Tokenizers;

namespace Beamline.Models.Tokenizers;

/// <summary>Reads a tokenizer.json. What a pipeline does is either built exactly or refused by name.</summary>
internal static class TokenizerFile
{
    /// <summary>Bytes a file has at most.</summary>
    public const int MaxBytes = 128 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="BeamlineException">It is missing, damaged, or of a pipeline that is not supported.</exception>
    public static ITokenizer Open(string file)
    {
        byte[] bytes = ModelFile.ReadSmall(file, MaxBytes);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Read(file, document.RootElement);
        }
        catch (JsonException error)
        {
            throw ModelFile.Fault(file, $"is not valid JSON (line {error.LineNumber + 1})", error);
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
        {
            throw ModelFile.Fault(file, $"is no tokenizer.json ({error.Message})", error);
        }
    }

    private static ByteLevelTokenizer Read(string file, JsonElement root)
    {
        List<string> faults = [];
        Expect("normalizer", null);
        Expect("pre_tokenizer", "ByteLevel");
        Expect("decoder", "ByteLevel");
        Expect("model", "BPE");
        if (faults.Count > 0) throw ModelFile.Faults(file, faults);
        JsonElement model = root.GetProperty("model"), split = root.GetProperty("pre_tokenizer");
        foreach (string name in (string[])["dropout", "continuing_subword_prefix", "end_of_word_suffix", "ignore_merges"])
        {
            if (IsSet(model, name)) faults.Add($"model.{name} is {model.GetProperty(name)}, which is not supported");
        }
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject()) vocabulary[entry.Name] = entry.Value.GetInt32();
        int missing = Enumerable.Range(0, 256).Count(value => !vocabulary.ContainsKey(ByteAlphabet.LetterOf((byte)value).ToString()));
        if (missing > 0) faults.Add($"model.vocab lacks {missing} of the 256 bytes, so some texts have no tokens");
        List<AddedToken> added = ReadAdded(root, vocabulary, faults);
        if (faults.Count > 0) throw ModelFile.Faults(file, faults);

        BpeTokenizer bpe = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(ReadMerge).ToArray(),
            ByteLevel = true,
            PreTokenizer = new WordSplitter(words: Flag(split, "use_regex", missing: true)),
        });
        return new ByteLevelTokenizer(bpe, ById(vocabulary, added), added, Flag(split, "add_prefix_space", missing: true));

        void Expect(string stage, string? type)
        {
            bool there = root.TryGetProperty(stage, out JsonElement value) && value.ValueKind == JsonValueKind.Object;
            string? found = there ? value.GetProperty("type").GetString() : null;
            if (found != type) faults.Add($"{stage} is {found ?? "missing"}; supported: {type ?? "none"}");
        }
    }

    private static List<AddedToken> ReadAdded(JsonElement root, Dictionary<string, int> vocabulary, List<string> faults)
    {
        List<AddedToken> added = [];
        if (!root.TryGetProperty("added_tokens", out JsonElement list) || list.ValueKind != JsonValueKind.Array) return added;
        foreach (JsonElement token in list.EnumerateArray())
        {
            string content = token.GetProperty("content").GetString()!;
            foreach (string name in (string[])["single_word", "lstrip", "rstrip"])
            {
                if (IsSet(token, name)) faults.Add($"added token {ModelFile.Quote(content)} has {name}, which is not supported");
            }
            int id = vocabulary.TryGetValue(content, out int known) ? known : token.GetProperty("id").GetInt32();
            if (content.Length > 0) added.Add(new AddedToken(id, content, Flag(token, "special", false), Flag(token, "normalized", true)));
        }
        return added;
    }

    // Ids are dense up to padding; the limit keeps one absurd id from costing memory.
    private static string?[] ById(Dictionary<string, int> vocabulary, List<AddedToken> added)
    {
        const int MaxId = 1 << 24;
        int last = vocabulary.Values.Max();
        foreach (AddedToken token in added) last = Math.Max(last, token.Id);
        if (last > MaxId || vocabulary.Values.Min() < 0 || added.Any(token => token.Id < 0))
        {
            throw new FormatException($"a token id is not in 0 to {MaxId}");
        }
        string?[] tokens = new string?[last + 1];
        foreach ((string token, int id) in vocabulary) tokens[id] = token;
        foreach (AddedToken token in added) tokens[token.Id] = token.Content;
        return tokens;
    }

    // Older files join the two letters by a space, newer ones list them.
    private static string ReadMerge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.Array ? $"{merge[0].GetString()} {merge[1].GetString()}" : merge.GetString()!;

    private static bool Flag(JsonElement element, string name, bool missing) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetBoolean() : missing;

    private static bool IsSet(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.False => false,
            JsonValueKind.String => value.GetString() != "",
            JsonValueKind.Number => value.GetDouble() != 0,
            _ => true,
        };
}
