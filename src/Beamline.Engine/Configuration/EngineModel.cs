using Beamline.Abstractions.Workers;
using Beamline.Decoding.Stopping;
using Beamline.Engine.Backends;
using Beamline.Engine.Invariants;

namespace Beamline.Engine.Configuration;

/// <summary>What an engine needs of a model.</summary>
/// <param name="Description">Sizes, names, and what holds for its arithmetic.</param>
/// <param name="Backends">Puts it onto the device, at the start and after trouble.</param>
/// <param name="TokenBytes">What its tokens add to a text, for stop strings.</param>
public sealed record EngineModel(ModelDescription Description, IBackendFactory Backends, ITokenBytes TokenBytes)
{
    /// <summary>Sees the engine after each step, on its thread; null in service. What it throws is a defect of the engine's.</summary>
    internal Action<StepView>? AfterStep { get; init; }
}
