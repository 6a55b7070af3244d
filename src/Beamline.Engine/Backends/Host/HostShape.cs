namespace Beamline.Engine.Backends.Host;

/// <summary>The sizes of one forward pass over consecutive slots.</summary>
/// <param name="FirstSlot">The first slot.</param>
/// <param name="Rows">Rows B, each with one row of logits.</param>
/// <param name="Tokens">New tokens S of each row, padding included.</param>
internal readonly record struct HostShape(int FirstSlot, int Rows, int Tokens);
