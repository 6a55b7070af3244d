namespace Beamline.Cli.Benchmarks;

/// <summary>Figures of a mixed load on the largest batch.</summary>
/// <param name="Requests">Requests, submitted together.</param>
/// <param name="Tokens">Tokens they generate in all.</param>
/// <param name="EngineTokensPerSecond">From the first submission to the last token.</param>
/// <param name="RatioToFullRows">Over the bare loop's rate with all rows full, the median of the pairs' own ratios.</param>
/// <param name="RatioToSameWork">
/// The same, but the bare loop computes as many prompts and tokens as the requests have: short outputs have more prompts a token.
/// </param>
internal sealed record MixedFigures(int Requests, int Tokens, double EngineTokensPerSecond, double RatioToFullRows, double RatioToSameWork);
