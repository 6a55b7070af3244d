using System.Text.Json;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>Reads and writes <see cref="EarlyStopping"/> as <c>false</c>, <c>true</c> or <c>"never"</c>.</summary>
public sealed class EarlyStoppingConverter : JsonConverter<EarlyStopping>
{
    /// <inheritdoc/>
    public override EarlyStopping Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
    {
        JsonTokenType.False => EarlyStopping.False,
        JsonTokenType.True => EarlyStopping.True,
        JsonTokenType.String when reader.ValueTextEquals("never"u8) => EarlyStopping.Never,
        _ => throw new JsonException("early_stopping is true, false or \"never\""),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, EarlyStopping value, JsonSerializerOptions options)
    {
        if (value == EarlyStopping.Never) writer.WriteStringValue("never"u8);
        else writer.WriteBooleanValue(value == EarlyStopping.True);
    }
}
