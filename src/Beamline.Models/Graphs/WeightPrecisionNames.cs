using System.Diagnostics.CodeAnalysis;

namespace Beamline.Models.Graphs;

/// <summary>The names of the precisions, as they stand in model names and descriptions.</summary>
public static class WeightPrecisionNames
{
    /// <summary>All of them, for messages.</summary>
    public const string Allowed = "fp32, fp16, int8, int4, w8a8";

    /// <summary>The name of a precision.</summary>
    public static string Name(this WeightPrecision precision) => precision switch
    {
        WeightPrecision.Fp32 => "fp32",
        WeightPrecision.Fp16 => "fp16",
        WeightPrecision.Int8 => "int8",
        WeightPrecision.Int4 => "int4",
        WeightPrecision.W8A8 => "w8a8",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "is no precision"),
    };

    /// <summary>Reads a name.</summary>
    public static bool TryParse(string name, [NotNullWhen(true)] out WeightPrecision? precision)
    {
        precision = null;
        foreach (WeightPrecision candidate in Enum.GetValues<WeightPrecision>())
        {
            if (candidate.Name() == name) precision = candidate;
        }
        return precision is not null;
    }
}
