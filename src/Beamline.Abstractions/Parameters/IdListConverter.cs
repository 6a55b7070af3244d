using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>Reads one id or a list of ids, as transformers takes either; writes a list.</summary>
public sealed class IdListConverter : JsonConverter<ImmutableArray<int>?>
{
    /// <inheritdoc/>
    public override ImmutableArray<int>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? [reader.GetInt32()]
            : JsonSerializer.Deserialize<ImmutableArray<int>>(ref reader, options);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ImmutableArray<int>? value, JsonSerializerOptions options)
    {
        if (value is not { IsDefault: false } ids)
        {
            writer.WriteNullValue();
            return;
        }
        writer.WriteStartArray();
        foreach (int id in ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
    }
}
