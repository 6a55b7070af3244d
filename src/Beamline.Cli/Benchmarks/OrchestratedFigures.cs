namespace Beamline.Cli.Benchmarks;

/// <summary>What requests get that come through client and grains, as <c>generate</c> sends them.</summary>
/// <param name="Sequences">Sampled sequences of one request.</param>
/// <param name="TokensPerSecond">From the request to its result.</param>
/// <param name="RatioToBareLoop">Over the bare loop with as many rows, the median of the pairs' own ratios.</param>
internal sealed record OrchestratedFigures(int Sequences, double TokensPerSecond, double RatioToBareLoop);
