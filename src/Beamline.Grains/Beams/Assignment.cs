using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Beams;

/// <summary>A worker that took a search.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Epoch">Its epoch then.</param>
/// <param name="Fingerprint">Its numerics, which a replacement should share.</param>
internal sealed record Assignment(WorkerId Worker, long Epoch, string Fingerprint);
