namespace Beamline.Decoding.Sampling;

/// <summary>Chooses the next token from processed scores.</summary>
public interface ITokenSelector
{
    /// <summary>Chooses one id.</summary>
    /// <param name="scores">One row, length V; left as it is.</param>
    /// <param name="branch">The sample's number; 0 or more.</param>
    /// <param name="position">Index of the token to generate; 0 or more.</param>
    int Select(ReadOnlySpan<float> scores, int branch, int position);
}
