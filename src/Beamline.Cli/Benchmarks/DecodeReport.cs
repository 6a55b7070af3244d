namespace Beamline.Cli.Benchmarks;

/// <summary>What <c>beamline bench decode</c> found.</summary>
internal sealed record DecodeReport
{
    public required string Model { get; init; }

    public required string Method { get; init; }

    public required int PromptTokens { get; init; }

    public required int NewTokens { get; init; }

    public required int Pairs { get; init; }

    public required int Threads { get; init; }

    /// <summary>Seconds to open graph and KV cache; the import to the cache is not in it.</summary>
    public required double LoadSeconds { get; init; }

    /// <summary>Bytes of the graph's weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>The process' largest resident memory while the engine alone had run.</summary>
    public required long PeakBytes { get; init; }

    public required IReadOnlyList<DecodeFigures> Rows { get; init; }

    /// <summary>The mixed load; null when it was not asked for.</summary>
    public MixedFigures? Mixed { get; init; }

    /// <summary>The way through client and grains; null when it was not asked for.</summary>
    public OrchestratedFigures? Orchestrated { get; init; }
}
