namespace Beamline.Engine.Sessions;

/// <summary>The sizes of one forward pass.</summary>
/// <param name="FirstRow">The first row of the KV pool.</param>
/// <param name="Rows">
/// Rows B; several only when each gets one token, or when none has a past: then shorter rows are padded behind their end.
/// </param>
/// <param name="Tokens">New tokens S of each row, padding included.</param>
/// <param name="Logits">Rows of logits wanted.</param>
public readonly record struct ForwardShape(int FirstRow, int Rows, int Tokens, int Logits);
