namespace Beamline.Cli.Benchmarks;

/// <summary>One request of a load.</summary>
/// <param name="Number">Its place in the load, from 0.</param>
/// <param name="Prompt">Its prompt.</param>
/// <param name="Tokens">Tokens it asks for.</param>
/// <param name="Pause">Open load: time after the request before it.</param>
internal sealed record LoadRequest(int Number, string Prompt, int Tokens, TimeSpan Pause);
