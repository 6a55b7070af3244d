namespace Beamline.Engine.Backends;

/// <summary>What one pass computes of one sequence.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Start">Positions it holds before the pass.</param>
/// <param name="First">Where its tokens begin among those of the pass.</param>
/// <param name="Count">New tokens; 1 or more.</param>
/// <param name="Logits">The row of logits of its last token; -1 when nobody wants them.</param>
public readonly record struct PassEntry(int Sequence, int Start, int First, int Count, int Logits);
