using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beamline.Abstractions.Parameters;

namespace Beamline.Server.Http.Requests;

/// <summary>
/// Takes every generation parameter by its Hugging Face name. A parameter added to <see cref="GenerationParameters"/> is known here
/// at once.
/// </summary>
internal static class ParameterFields
{
    private static readonly JsonTypeInfo<GenerationParameters> Type = GenerationJson.Default.GenerationParameters;

    private static readonly Dictionary<Type, string> Forms = new()
    {
        [typeof(int?)] = "a whole number",
        [typeof(long?)] = "a whole number",
        [typeof(float?)] = "a number",
        [typeof(bool?)] = "true or false",
        [typeof(EarlyStopping?)] = "true, false or \"never\"",
        [typeof(ImmutableArray<int>?)] = "a list of token ids",
        [typeof(ImmutableArray<ImmutableArray<int>>?)] = "a list of lists of token ids",
        [typeof(ImmutableArray<string>?)] = "a list of texts",
        [typeof(ImmutableArray<SequenceBias>?)] = "a list of [[ids], bias]",
        [typeof(ExponentialDecay)] = "[start, factor]",
        [typeof(ImmutableDictionary<int, float>)] = "an object of token ids and numbers",
    };

    /// <summary>The names, in the order of their declaration.</summary>
    public static IEnumerable<string> Names => Type.Properties.Select(p => p.Name);

    /// <summary>The parameters that were given and have the right form; ranges are checked where the model is known.</summary>
    public static GenerationParameters Take(RequestFields fields)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            foreach (JsonPropertyInfo property in Type.Properties)
            {
                if (!fields.TryTake(property.Name, out JsonElement value)) continue;
                if (HasForm(property.Name, value))
                {
                    json.WritePropertyName(property.Name);
                    value.WriteTo(json);
                }
                else
                {
                    fields.Refuse(property.Name, value, Forms.GetValueOrDefault(property.PropertyType, "another form"));
                }
            }
            json.WriteEndObject();
        }
        return JsonSerializer.Deserialize(buffer.WrittenSpan, Type)!;
    }

    private static bool HasForm(string name, JsonElement value)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName(name);
            value.WriteTo(json);
            json.WriteEndObject();
        }
        try
        {
            return JsonSerializer.Deserialize(buffer.WrittenSpan, Type) is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }
}
