namespace Beamline.Cli.Benchmarks;

/// <summary>When things came, as the caller saw it.</summary>
/// <param name="Sent">Seconds from the load's start to the request.</param>
/// <param name="First">Seconds from the request to its first token.</param>
/// <param name="Last">Seconds from the request to its end.</param>
/// <param name="Tokens">Tokens that came.</param>
internal sealed record RequestTimes(double Sent, double First, double Last, int Tokens)
{
    /// <summary>Seconds from token to token, on average; 0 for a single token.</summary>
    public double PerToken => Tokens > 1 ? (Last - First) / (Tokens - 1) : 0;
}
