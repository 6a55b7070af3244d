using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>Reads and writes <see cref="SequenceBias"/> as a pair of ids and bias.</summary>
public sealed class SequenceBiasConverter : JsonConverter<SequenceBias>
{
    private const string MinusInfinity = "-inf";

    /// <inheritdoc/>
    public override SequenceBias Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("an entry of sequence_bias is [[ids], bias]");
        reader.Read();
        ImmutableArray<int> ids = JsonSerializer.Deserialize<ImmutableArray<int>>(ref reader, options);
        reader.Read();
        bool bans = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(MinusInfinity);
        float bias = bans ? float.NegativeInfinity : reader.GetSingle();
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException("an entry of sequence_bias is [[ids], bias]");
        return new(ids, bias);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SequenceBias value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        JsonSerializer.Serialize(writer, value.Ids, options);
        if (float.IsNegativeInfinity(value.Bias)) writer.WriteStringValue(MinusInfinity);
        else writer.WriteNumberValue(value.Bias);
        writer.WriteEndArray();
    }
}
