namespace Beamline.Cli.Benchmarks;

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

    /// <summary>From one decode pass to the next; null when there was only one.</summary>
    public required double? StepP50Milliseconds { get; init; }

    public required double? StepP95Milliseconds { get; init; }

    public required double? StepP99Milliseconds { get; init; }

    /// <summary>Managed bytes that the engine's loop allocated for a generated token, the searches' own state included.</summary>
    public required double LoopBytesPerToken { get; init; }

    /// <summary>Managed bytes that the whole process allocated for a generated token, submission and reading included.</summary>
    public required double ProcessBytesPerToken { get; init; }
}
