using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Requests;

/// <summary>
/// The fields of a JSON object, taken one by one. What is wrong with them is collected, not thrown; what is left at the end is
/// unknown.
/// </summary>
/// <remarks>A field that is null counts as not given, as in OpenAI's API.</remarks>
internal sealed class RequestFields
{
    private const int ShownLength = 60;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);

    /// <summary>The fields of an object.</summary>
    public RequestFields(JsonElement body)
    {
        foreach (JsonProperty field in body.EnumerateObject()) _fields.Add(field.Name, field.Value);
    }

    /// <summary>What is wrong so far.</summary>
    public List<Fault> Faults { get; } = [];

    /// <summary>Names that were not taken.</summary>
    public IReadOnlyCollection<string> Left => _fields.Keys;

    /// <summary>A value as a message shows it: as JSON, shortened when long.</summary>
    public static string Show(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= ShownLength ? text : $"{text[..ShownLength]}...";
    }

    /// <summary>Notes that a field has a value that is not allowed.</summary>
    public void Refuse(string name, JsonElement value, string allowed) => Faults.Add(new(name, Show(value), allowed));

    /// <summary>Notes that a field has a value that is not allowed.</summary>
    public void Refuse(string name, int value, string allowed) => Faults.Add(new(name, string.Create(null, $"{value}"), allowed));

    /// <summary>Takes a field; false when it was not given.</summary>
    public bool TryTake(string name, out JsonElement value) => _fields.Remove(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Looks at a field and leaves it; false when it was not given.</summary>
    public bool TryPeek(string name, out JsonElement value) => _fields.TryGetValue(name, out value);

    /// <summary>Takes a text; null when it was not given or is no text.</summary>
    public string? TakeText(string name)
    {
        if (!TryTake(name, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        Refuse(name, value, "a text");
        return null;
    }

    /// <summary>Takes a flag; false when it was not given or is no flag.</summary>
    public bool TakeFlag(string name)
    {
        if (!TryTake(name, out JsonElement value)) return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Refuse(name, value, "true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>Takes a whole number; null when it was not given or is outside the range.</summary>
    public int? TakeWhole(string name, int least, int most)
    {
        if (!TryTake(name, out JsonElement value)) return null;
        bool isAllowed = IsWhole(value, out int number) && number >= least && number <= most;
        if (isAllowed) return number;
        Refuse(name, value, $"a whole number from {least} to {most}");
        return null;
    }

    /// <summary>Reads a value as a list of token ids.</summary>
    public static bool TryReadIds(JsonElement value, [NotNullWhen(true)] out int[]? ids)
    {
        ids = null;
        if (value.ValueKind != JsonValueKind.Array) return false;
        int[] read = new int[value.GetArrayLength()];
        for (int i = 0; i < read.Length; i++)
        {
            if (!IsWhole(value[i], out read[i]) || read[i] < 0) return false;
        }
        ids = read;
        return true;
    }

    private static bool IsWhole(JsonElement value, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
    }
}
