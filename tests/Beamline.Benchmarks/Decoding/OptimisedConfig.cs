using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;

namespace Beamline.Benchmarks.Decoding;

/// <summary>
/// Short iterations of optimised code: searches end, so an iteration cannot run for as long as the runtime needs to optimise by itself.
/// </summary>
public class OptimisedConfig : ManualConfig
{
    /// <summary>Calls an iteration.</summary>
    public const int Invocations = 512;

    /// <summary>The only job.</summary>
    public OptimisedConfig()
        : this(Invocations)
    {
    }

    /// <summary>The only job, with another number of calls an iteration.</summary>
    protected OptimisedConfig(int invocations) => AddJob(
        Job.Default.WithInvocationCount(invocations).WithUnrollFactor(Math.Min(invocations, 16)).WithIterationCount(25)
            .WithEnvironmentVariable("DOTNET_TieredCompilation", "0"));
}
