namespace Beamline.Cli.Benchmarks;

/// <summary>What <c>beamline bench serve</c> found. Times in milliseconds, as the caller saw them.</summary>
internal sealed record ServeReport
{
    /// <summary><c>grains</c>, or the server's address.</summary>
    public required string Target { get; init; }

    /// <summary><c>closed</c> with clients, or <c>open</c> with a rate.</summary>
    public required string Load { get; init; }

    public required int Requests { get; init; }

    public required int Failed { get; init; }

    public required double Seconds { get; init; }

    public required double RequestsPerSecond { get; init; }

    public required double TokensPerSecond { get; init; }

    public required Quantiles FirstToken { get; init; }

    public required Quantiles PerToken { get; init; }

    public required Quantiles Whole { get; init; }

    /// <summary>Requests a second that kept both limits.</summary>
    public required double GoodputRequestsPerSecond { get; init; }

    public required double FirstTokenLimit { get; init; }

    public required double TokenLimit { get; init; }
}
