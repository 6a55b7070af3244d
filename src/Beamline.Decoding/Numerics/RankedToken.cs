namespace Beamline.Decoding.Numerics;

/// <summary>A token of a row with its score; in a beam search a way on.</summary>
/// <param name="Row">The row, which is the place of the hypothesis that it continues.</param>
/// <param name="Token">The token.</param>
/// <param name="Score">What it is ranked by; in a beam search the running sum of processed log-probabilities, the token's included.</param>
internal readonly record struct RankedToken(int Row, int Token, float Score);
