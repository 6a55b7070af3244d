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
}

/// <summary>Figures of a mixed load on the largest batch.</summary>
/// <param name="Requests">Requests, submitted together.</param>
/// <param name="Tokens">Tokens they generate in all.</param>
/// <param name="EngineTokensPerSecond">From the first submission to the last token.</param>
/// <param name="RatioToFullRows">Over the bare loop's rate with all rows full, the median of the pairs' own ratios.</param>
internal sealed record MixedFigures(int Requests, int Tokens, double EngineTokensPerSecond, double RatioToFullRows);

/// <summary>Figures of one batch size: medians over the pairs.</summary>
internal sealed record DecodeFigures
{
    public required int Rows { get; init; }

    public required double EngineTokensPerSecond { get; init; }

    public required double BareTokensPerSecond { get; init; }

    /// <summary>Engine over bare loop: the median of the pairs' own ratios.</summary>
    public required double Ratio { get; init; }

    /// <summary>Beam search: its wall time over that of as many sampled rows of the same lengths; null otherwise.</summary>
    public double? TimeOverSampling { get; init; }

    public required double StepP50Milliseconds { get; init; }

    public required double StepP95Milliseconds { get; init; }

    public required double StepP99Milliseconds { get; init; }

    /// <summary>Managed bytes that the engine's loop allocated for a generated token, the searches' own state included.</summary>
    public required double LoopBytesPerToken { get; init; }

    /// <summary>Managed bytes that the whole process allocated for a generated token, submission and reading included.</summary>
    public required double ProcessBytesPerToken { get; init; }
}
