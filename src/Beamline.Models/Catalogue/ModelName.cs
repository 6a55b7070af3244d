using Beamline.Abstractions.Errors;
using Beamline.Models.Graphs;

namespace Beamline.Models.Catalogue;

/// <summary>What a model is asked for by: a name or a path of a Hugging Face folder, and behind an <c>@</c> a precision.</summary>
/// <param name="Base">The name or path.</param>
/// <param name="Precision">Fp32 when the text names none.</param>
internal readonly record struct ModelName(string Base, WeightPrecision Precision)
{
    /// <summary>Reads <c>tales</c>, <c>tales@int8</c>, <c>/models/mine@int4</c>.</summary>
    /// <exception cref="BeamlineException">It is empty, or the precision is unknown.</exception>
    public static ModelName Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = text.LastIndexOf('@');
        if (at < 0 || text.IndexOfAny(['/', '\\'], at) >= 0) return Of(text, WeightPrecision.Fp32);
        string suffix = text[(at + 1)..];
        if (WeightPrecisionNames.TryParse(suffix, out WeightPrecision? precision)) return Of(text[..at], precision.Value);
        throw Invalid(text, $"a precision behind the @ out of {WeightPrecisionNames.Allowed}");
    }

    /// <summary>The text again; fp32 goes without saying.</summary>
    public override string ToString() => Precision == WeightPrecision.Fp32 ? Base : $"{Base}@{Precision.Name()}";

    private static ModelName Of(string name, WeightPrecision precision) =>
        name.Length > 0 ? new ModelName(name, precision) : throw Invalid(name, "a name, or the path of a Hugging Face folder");

    private static BeamlineException Invalid(string text, string rule) =>
        new(BeamlineError.Invalid([new Fault("model", $"'{text}'", rule)]));
}
