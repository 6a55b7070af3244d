using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>Reads and writes <see cref="ExponentialDecay"/> as a pair.</summary>
public sealed class ExponentialDecayConverter : JsonConverter<ExponentialDecay>
{
    private const string Form = "exponential_decay_length_penalty is [start, factor]";

    /// <inheritdoc/>
    public override ExponentialDecay Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException(Form);
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int start)) throw new JsonException(Form);
        reader.Read();
        if (reader.TokenType != JsonTokenType.Number) throw new JsonException(Form);
        float factor = reader.GetSingle();
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndArray) throw new JsonException(Form);
        return new(start, factor);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ExponentialDecay value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Start);
        writer.WriteNumberValue(value.Factor);
        writer.WriteEndArray();
    }
}
