namespace Beamline.Engine.Backends;

/// <summary>What a backend has to hold.</summary>
/// <param name="Rows">Sequences at once; 1 or more.</param>
/// <param name="PassTokens">Tokens of one pass at most, padding included; at least <paramref name="Rows"/>.</param>
/// <param name="KvBytes">Memory that keys and values may take.</param>
public readonly record struct BackendLimits(int Rows, int PassTokens, long KvBytes);
