using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace Beamline.Benchmarks.Decoding;

/// <summary>
/// Short iterations of optimised code: searches end, so an iteration cannot run for as long as the runtime needs to optimise by itself.
/// </summary>
public sealed class OptimisedConfig : ManualConfig
{
    /// <summary>Calls an iteration.</summary>
    public const int Invocations = 512;

    /// <summary>The only job.</summary>
    public OptimisedConfig() => AddJob(
        Job.Default.WithInvocationCount(Invocations).WithIterationCount(25).WithEnvironmentVariable("DOTNET_TieredCompilation", "0"));
}
