namespace Beamline.Cli.Benchmarks;

/// <summary>What <c>beamline bench serve</c> measures.</summary>
/// <param name="Model">The model's name; null is the default model.</param>
/// <param name="Url">A server's address; null measures a silo in this process, through its grains.</param>
/// <param name="Requests">Requests in all; 1 or more.</param>
/// <param name="Clients">Closed load: clients, each of which sends its next request when the last one has ended.</param>
/// <param name="Rate">Open load: requests a second, arriving at random (Poisson); 0 is a closed load.</param>
/// <param name="MinTokens">The shortest output.</param>
/// <param name="MaxTokens">The longest output; lengths follow a Pareto distribution of index 1.1 between the two.</param>
/// <param name="FirstTokenLimit">Goodput: a request counts when its first token came within this time ...</param>
/// <param name="TokenLimit">... and the others came within this time each, on average.</param>
/// <param name="Seed">Fixes lengths, arrivals and samples.</param>
internal sealed record ServeSettings(
    string? Model,
    string? Url,
    int Requests,
    int Clients,
    double Rate,
    int MinTokens,
    int MaxTokens,
    TimeSpan FirstTokenLimit,
    TimeSpan TokenLimit,
    int Seed);
