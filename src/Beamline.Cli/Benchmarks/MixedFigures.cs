namespace Beamline.Cli.Benchmarks;

/// <summary>Figures of a mixed load on the largest batch: medians over the pairs, and means of what was counted.</summary>
internal sealed record MixedFigures
{
    /// <summary>Requests, submitted together.</summary>
    public required int Requests { get; init; }

    /// <summary>Tokens they generate in all.</summary>
    public required int Tokens { get; init; }

    /// <summary>From the first submission to the last token.</summary>
    public required double Seconds { get; init; }

    /// <summary>Tokens generated in that time.</summary>
    public required double EngineTokensPerSecond { get; init; }

    /// <summary>Over the bare loop's rate with all rows full, the median of the pairs' own ratios.</summary>
    public required double RatioToFullRows { get; init; }

    /// <summary>
    /// The same, but the bare loop computes as many prompts and tokens as the requests have: short outputs have more prompts a token.
    /// </summary>
    public required double RatioToSameWork { get; init; }

    /// <summary>Forward passes of one load.</summary>
    public required double Passes { get; init; }

    /// <summary>Prompt tokens of one load that were computed.</summary>
    public required double PromptTokensComputed { get; init; }

    /// <summary>Prompt tokens of one load that were at hand.</summary>
    public required double PromptTokensCached { get; init; }
}
