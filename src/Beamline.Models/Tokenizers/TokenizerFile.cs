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

    // No model has more rows than config.json may ask for.
    private const int MaxId = (1 << 24) - 1;

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="modelVocabulary">Ids the model has, when it is known.</param>
    /// <exception cref="BeamlineException">
    /// It is missing, damaged, of a pipeline that is not supported, or of a base vocabulary that is larger than the model's.
    /// </exception>
    public static ITokenizer Open(string file, int? modelVocabulary = null) =>
        Read(file, ModelFile.ReadSmall(file, MaxBytes), modelVocabulary);

    /// <summary>Reads the content of a file.</summary>
    /// <param name="file">Its path, for errors.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="modelVocabulary">Ids the model has, when it is known.</param>
    /// <exception cref="BeamlineException">As <see cref="Open"/>.</exception>
    public static ITokenizer Read(string file, byte[] bytes, int? modelVocabulary = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Read(file, document.RootElement, modelVocabulary);
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

    private static ByteLevelTokenizer Read(string file, JsonElement root, int? modelVocabulary)
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
        foreach (JsonProperty entry in model.GetProperty("vocab").EnumerateObject())
        {
            vocabulary[entry.Name] = ReadId("token", entry.Name, entry.Value, faults);
        }
        int missing = Enumerable.Range(0, 256).Count(value => !vocabulary.ContainsKey(ByteAlphabet.LetterOf((byte)value).ToString()));
        if (missing > 0) faults.Add($"model.vocab lacks {missing} of the 256 bytes, so some texts have no tokens");
        if (modelVocabulary is { } size) CheckBase(vocabulary, size, faults);
        List<AddedToken> added = ReadAdded(root, vocabulary, faults);
        if (faults.Count > 0) throw ModelFile.Faults(file, faults);

        BpeTokenizer bpe = BpeTokenizer.Create(new BpeOptions(vocabulary)
        {
            Merges = model.GetProperty("merges").EnumerateArray().Select(ReadMerge).ToArray(),
            ByteLevel = true,
            PreTokenizer = new WordSplitter(words: Flag(split, "use_regex", missing: true)),
        });
        return new ByteLevelTokenizer(bpe, new TokenTable(vocabulary, added), added, Flag(split, "add_prefix_space", missing: true));

        void Expect(string stage, string? type)
        {
            bool there = root.TryGetProperty(stage, out JsonElement value) && value.ValueKind == JsonValueKind.Object;
            string? found = there ? value.GetProperty("type").GetString() : null;
            if (found != type) faults.Add($"{stage} is {found ?? "missing"}; supported: {type ?? "none"}");
        }
    }

    // Any text may bring these ids. Added tokens may lie beyond: folders have them, such as a padding token of the first id behind the
    // model's, and only a text that spells one out brings its id.
    private static void CheckBase(Dictionary<string, int> vocabulary, int size, List<string> faults)
    {
        (string token, int id) = vocabulary.MaxBy(entry => entry.Value);
        if (id < size) return;
        faults.Add($"model.vocab has {Counted.Of(vocabulary.Count, "token")} up to id {id} ('{ModelFile.Quote(token)}'); "
            + $"the model's vocabulary has {size}, ids from 0 to {size - 1}");
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
            int id = vocabulary.TryGetValue(content, out int known)
                ? known
                : ReadId("added token", content, token.GetProperty("id"), faults);
            if (content.Length > 0) added.Add(new AddedToken(id, content, Flag(token, "special", false), Flag(token, "normalized", true)));
        }
        return added;
    }

    private static int ReadId(string kind, string content, JsonElement id, List<string> faults)
    {
        bool isNumber = id.ValueKind == JsonValueKind.Number;
        if (isNumber && id.TryGetInt32(out int number) && number is >= 0 and <= MaxId) return number;
        string shown = ModelFile.Quote(id.GetRawText());
        faults.Add($"{kind} '{ModelFile.Quote(content)}' has id {shown}; allowed: a whole number from 0 to {MaxId}");
        return 0;
    }

    // Older files join the two letters by a space, newer ones list them.
    private static string ReadMerge(JsonElement merge) => merge.ValueKind switch
    {
        JsonValueKind.Array when merge.GetArrayLength() == 2 => $"{merge[0].GetString()} {merge[1].GetString()}",
        JsonValueKind.String => merge.GetString()!,
        _ => throw new FormatException("a merge is no pair of tokens"),
    };

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
