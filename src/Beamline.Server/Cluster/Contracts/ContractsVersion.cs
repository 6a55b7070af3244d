namespace Beamline.Server.Cluster.Contracts;

/// <summary>The version of the contracts that this process shows to the others of its cluster.</summary>
/// <param name="Value">As <see cref="Abstractions.Contracts.ContractsFingerprint"/> has it.</param>
internal sealed record ContractsVersion(string Value);
