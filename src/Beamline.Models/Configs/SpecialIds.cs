using System.Collections.Immutable;
using Beamline.Abstractions.Errors;

namespace Beamline.Models.Configs;

/// <summary>The ids that begin and end a text.</summary>
/// <param name="Bos">The begin token; null when there is none.</param>
/// <param name="Stops">Ids that end a sequence, each once, in the order given.</param>
internal sealed record SpecialIds(int? Bos, ImmutableArray<int> Stops)
{
    /// <summary>Reads them as the reference does: from generation_config.json where it has them, else from config.json.</summary>
    /// <param name="folder">A Hugging Face folder.</param>
    /// <param name="config">Its config.json.</param>
    /// <exception cref="BeamlineException">generation_config.json is damaged.</exception>
    public static SpecialIds Read(string folder, ConfigReader config)
    {
        string file = Path.Combine(folder, "generation_config.json");
        ConfigReader? generation = File.Exists(file) ? ConfigReader.Open(file) : null;
        IReadOnlyList<int> bos = From("bos_token_id"), stops = From("eos_token_id");
        generation?.ThrowIfFaulty();
        return new SpecialIds(bos.Count > 0 ? bos[0] : null, [.. stops.Distinct()]);

        IReadOnlyList<int> From(string name) => generation is not null && generation.Has(name) ? generation.Ids(name) : config.Ids(name);
    }
}
