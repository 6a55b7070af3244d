using Beamline.Abstractions.Errors;
using Beamline.Models.Configs;
using Beamline.Models.Files;

namespace Beamline.Models.Families;

/// <summary>The families that can be loaded.</summary>
internal static class ModelFamilies
{
    private static readonly Dictionary<string, IModelFamily> Table = new IModelFamily[] { new Gpt2Family() }
        .ToDictionary(family => family.ModelType, StringComparer.Ordinal);

    /// <summary>The values of <c>model_type</c> that can be loaded, in order.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Table.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The family of a config.json.</summary>
    /// <exception cref="BeamlineException">It names none, or one that is not supported.</exception>
    public static IModelFamily Of(ConfigReader json)
    {
        string? type = json.Text("model_type");
        json.ThrowIfFaulty();
        if (type is null) throw ModelFile.Fault(json.File, "model_type is missing");
        if (Table.TryGetValue(type, out IModelFamily? family)) return family;
        throw ModelFile.Fault(json.File, $"model_type is {ModelFile.Quote(type)}; supported: {string.Join(", ", Types)}");
    }
}
