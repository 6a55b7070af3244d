using Beamline.Decoding.Logprobs;

namespace Beamline.Decoding.Beams;

/// <summary>A running hypothesis beside its ids.</summary>
/// <param name="Group">The group it belongs to.</param>
/// <param name="Parent">Place of the hypothesis it continues.</param>
/// <param name="Score">Running sum of processed log-probabilities.</param>
/// <param name="TextState">See <see cref="Stopping.StopRules"/>.</param>
/// <param name="Logprobs">Its log-probabilities; null when nobody asked or no token was generated.</param>
internal readonly record struct BeamRow(int Group, int Parent, float Score, int TextState, LogprobChain? Logprobs);
