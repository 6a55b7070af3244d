using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Decoding.Validation;

namespace Beamline.Decoding.Tests.Support;

/// <summary>Reads the fields that reference cases share.</summary>
internal static class GoldenCase
{
    /// <summary>A context that never limits a case.</summary>
    public const int AmpleContext = 4096;

    public static string Name(this JsonElement golden) => golden.GetProperty("case").GetString()!;

    public static GenerationParameters Parameters(this JsonElement golden) =>
        golden.GetProperty("params").Deserialize(GenerationJson.Default.GenerationParameters)!;

    /// <summary>Parameters of a case against a model without stop ids of its own.</summary>
    public static CheckedParameters Checked(
        this JsonElement golden, int promptLength, Func<GenerationParameters, GenerationParameters>? change = null)
    {
        GenerationParameters values = golden.Parameters();
        if (change is not null) values = change(values);
        ParameterContext context = new(golden.GetProperty("vocab").GetInt32(), AmpleContext, [], promptLength, 0);
        return ParameterValidator.Check(values, context).OrThrow();
    }

    public static ImmutableArray<int> Ids(this JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];

    /// <summary>Floats, where infinities and NaN stand as strings.</summary>
    public static float[] Floats(this JsonElement array) => [.. array.EnumerateArray().Select(Float)];

    public static float Float(this JsonElement value) => value.ValueKind == JsonValueKind.String
        ? value.GetString() switch
        {
            "-inf" => float.NegativeInfinity,
            "inf" => float.PositiveInfinity,
            "NaN" => float.NaN,
            string text => float.Parse(text, CultureInfo.InvariantCulture),
            null => throw new JsonException(),
        }
        : value.GetSingle();

    /// <summary>Equal to 1e-5 relative, 2e-6 absolute near zero; infinities and NaN exactly.</summary>
    public static void ShouldBeClose(float actual, float expected, string what)
    {
        bool equal = float.IsFinite(expected) && float.IsFinite(actual)
            ? Math.Abs(actual - expected) <= Math.Max(2e-6, 1e-5 * Math.Abs(expected))
            : actual.Equals(expected);
        if (!equal) throw new ShouldAssertException($"{what}: {actual:R} instead of {expected:R}");
    }
}
