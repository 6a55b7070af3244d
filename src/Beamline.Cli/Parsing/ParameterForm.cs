using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Beamline.Abstractions.Parameters;

namespace Beamline.Cli.Parsing;

/// <summary>How a parameter of one type is written on a command line, and how that becomes the JSON of the type.</summary>
/// <param name="Rule">What is allowed, in words.</param>
/// <param name="MaxValues">Values the option takes: 0 for a switch that may stand alone, 1, or more when it may be repeated.</param>
/// <param name="ToJson">The JSON of the values, or null when they break the rule. Whether the JSON fits the type is checked apart.</param>
internal sealed record ParameterForm(string Rule, int MaxValues, Func<IReadOnlyList<string>, string?> ToJson)
{
    private const int Many = 10_000;

    private static readonly ParameterForm WholeNumber = new("a whole number", 1, values => long.TryParse(
        values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? JsonOf(number) : null);

    private static readonly ParameterForm Number = new("a number", 1, values => float.TryParse(
        values[0], NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number) ? JsonOf(number) : null);

    private static readonly Dictionary<Type, ParameterForm> Forms = new()
    {
        [typeof(int?)] = WholeNumber,
        [typeof(long?)] = WholeNumber,
        [typeof(float?)] = Number,
        [typeof(bool?)] = new("true or false", 0, values => values switch
        {
            [] or ["true"] => "true",
            ["false"] => "false",
            _ => null,
        }),
        [typeof(EarlyStopping?)] = new("true, false or never", 1, values => values[0] switch
        {
            "true" or "false" => values[0],
            "never" => "\"never\"",
            _ => null,
        }),
        [typeof(ImmutableArray<int>?)] = new("token ids, separated by commas", Many, values => JsonOfList(string.Join(',', values))),
        [typeof(ImmutableArray<string>?)] = new("a text; repeat the option for several", Many, values =>
            $"[{string.Join(',', values.Select(value => $"\"{JsonEncodedText.Encode(value)}\""))}]"),
        [typeof(ExponentialDecay)] = new("START,FACTOR, such as 20,1.05", 1, values => JsonOfList(values[0])),
        [typeof(ImmutableArray<ImmutableArray<int>>?)] = new("lists of token ids in JSON, such as [[5,7],[9]]", 1, values => values[0]),
        [typeof(ImmutableArray<SequenceBias>?)] = new("pairs of token ids and bias in JSON, such as [[[5,7],1.5]]", 1, values => values[0]),
        [typeof(ImmutableDictionary<int, float>)] = new("token ids and biases in JSON, such as {\"5\":-100}", 1, values => values[0]),
    };

    /// <summary>The form of a property's type.</summary>
    /// <exception cref="NotSupportedException">A type that no parameter had before: it needs a form.</exception>
    public static ParameterForm Of(Type type) =>
        Forms.TryGetValue(type, out ParameterForm? form) ? form : throw new NotSupportedException($"No form of {type} is known.");

    private static string JsonOf<T>(T number)
        where T : IFormattable => number.ToString(null, CultureInfo.InvariantCulture);

    private static string JsonOfList(string values) => values.StartsWith('[') ? values : $"[{values}]";
}
