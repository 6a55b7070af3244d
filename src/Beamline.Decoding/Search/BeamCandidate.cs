namespace Beamline.Decoding.Search;

/// <summary>One way on for a beam search.</summary>
/// <param name="Parent">Place of the hypothesis it continues.</param>
/// <param name="Token">The token it appends.</param>
/// <param name="Score">Running sum of processed log-probabilities, the token's included.</param>
internal readonly record struct BeamCandidate(int Parent, int Token, float Score);
