using System.Globalization;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Configs;

/// <summary>Reads a config.json field by field and collects every fault; <see cref="ThrowIfFaulty"/> reports them together.</summary>
internal sealed class ConfigReader
{
    private const int MaxBytes = 16 << 20;

    private readonly JsonElement _root;
    private readonly List<string> _faults = [];

    private ConfigReader(string file, JsonElement root) => (File, _root) = (file, root);

    /// <summary>The file's path.</summary>
    public string File { get; }

    /// <summary>Opens a file that holds one JSON object.</summary>
    /// <exception cref="BeamlineException">It is missing, unreadable or not JSON.</exception>
    public static ConfigReader Open(string file)
    {
        byte[] bytes = ModelFile.ReadSmall(file, MaxBytes);
        try
        {
            // Python's json module writes NaN and Infinity, which are not JSON; no field that is read here may be either.
            using JsonDocument document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw ModelFile.Fault(file, "is no JSON object");
            return new ConfigReader(file, document.RootElement.Clone());
        }
        catch (JsonException error)
        {
            throw ModelFile.Fault(file, $"is not valid JSON (line {error.LineNumber + 1})", error);
        }
    }

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A whole number.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="alias">Another name it may have; empty without one.</param>
    /// <param name="missing">What it is when it is missing or null; null when it has to be there.</param>
    /// <param name="min">Smallest value.</param>
    /// <param name="max">Largest value.</param>
    /// <returns>The number; within the range even when the field is faulty, so that reading can go on.</returns>
    public int Int(string name, string alias, int? missing, int min, int max)
    {
        (string found, JsonElement? value) = Find(name, alias);
        if (value is not { } element)
        {
            if (missing is null) Fault($"{name} is missing");
            return missing ?? min;
        }
        bool isNumber = element.ValueKind == JsonValueKind.Number;
        if (isNumber && element.TryGetInt32(out int number) && number >= min && number <= max) return number;
        Fault($"{found} is {Show(element)}; allowed: a whole number from {min} to {max}");
        return min;
    }

    /// <summary>A number above 0.</summary>
    public float Positive(string name, float missing)
    {
        if (Find(name) is not { } element) return missing;
        bool isNumber = element.ValueKind == JsonValueKind.Number;
        if (isNumber && element.TryGetSingle(out float number) && number > 0 && float.IsFinite(number)) return number;
        Fault($"{name} is {Show(element)}; allowed: a number above 0");
        return missing;
    }

    /// <summary>A switch.</summary>
    public bool Bool(string name, bool missing)
    {
        if (Find(name) is not { } element) return missing;
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False) return element.GetBoolean();
        Fault($"{name} is {Show(element)}; allowed: true or false");
        return missing;
    }

    /// <summary>A word; null when it is missing.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } element) return null;
        if (element.ValueKind == JsonValueKind.String) return element.GetString();
        Fault($"{name} is {Show(element)}; allowed: a text");
        return null;
    }

    /// <summary>One word out of a table.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="missing">The word that a missing field stands for.</param>
    /// <param name="table">What each word means.</param>
    public T Choice<T>(string name, string missing, IReadOnlyDictionary<string, T> table)
    {
        string word = Text(name) ?? missing;
        if (table.TryGetValue(word, out T? meaning)) return meaning;
        Fault($"{name} is {ModelFile.Quote(word)}; supported: {string.Join(", ", table.Keys.Order(StringComparer.Ordinal))}");
        return table[missing];
    }

    /// <summary>Token ids: one number, a list or null. Ids outside the vocabulary can never come and are kept.</summary>
    public IReadOnlyList<int> Ids(string name)
    {
        if (Find(name) is not { } element) return [];
        JsonElement[] items = element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];
        List<int> ids = [];
        foreach (JsonElement item in items)
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id)) ids.Add(id);
            else Fault($"{name} is {Show(element)}; allowed: a token id or a list of token ids");
        }
        return ids;
    }

    /// <summary>Refuses a switch that changes the arithmetic and is not built.</summary>
    /// <param name="name">The field; anything but missing, null and false is refused.</param>
    public void Refuse(string name)
    {
        if (Find(name) is { ValueKind: not JsonValueKind.False } element) Fault($"{name} is {Show(element)}, which is not supported");
    }

    /// <summary>Adds a fault of a relation between fields.</summary>
    public void Fault(string reason) => _faults.Add(reason);

    /// <summary>Reports what was wrong.</summary>
    /// <exception cref="BeamlineException">Something was.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0) throw ModelFile.Faults(File, _faults);
    }

    private (string Name, JsonElement? Value) Find(string name, string alias) =>
        Find(name) is { } value ? (name, value) : alias.Length > 0 ? (alias, Find(alias)) : (name, null);

    private JsonElement? Find(string name) =>
        _root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Show(JsonElement element)
    {
        bool isObject = element.ValueKind == JsonValueKind.Object;
        if (isObject && element.TryGetProperty("quant_method", out JsonElement method)) return Show(method);
        return element.ValueKind == JsonValueKind.Number
            ? element.GetRawText().ToLower(CultureInfo.InvariantCulture)
            : ModelFile.Quote(element.ToString());
    }
}
