using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Directory;

/// <summary>A model that some worker announces.</summary>
/// <param name="Description">What it is.</param>
/// <param name="Rows">Rows of the widest worker that serves it; 1 or more.</param>
internal sealed record ServedModel(ModelDescription Description, int Rows);
