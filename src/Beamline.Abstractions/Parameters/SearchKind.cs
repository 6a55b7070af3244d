namespace Beamline.Abstractions.Parameters;

/// <summary>Which search the parameters ask for.</summary>
public enum SearchKind
{
    /// <summary>The likeliest token at each step.</summary>
    Greedy,

    /// <summary>Independent samples, one a returned sequence.</summary>
    Sampling,

    /// <summary>Beam search; with <c>do_sample</c> beam sampling, with <c>num_beam_groups</c> above 1 diverse beam search.</summary>
    Beam,
}
