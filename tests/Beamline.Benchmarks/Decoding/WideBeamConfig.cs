namespace Beamline.Benchmarks.Decoding;

/// <summary>Fewer calls an iteration: a step of many beams takes milliseconds.</summary>
public sealed class WideBeamConfig() : OptimisedConfig(Calls)
{
    /// <summary>Calls an iteration.</summary>
    public const int Calls = 16;
}
