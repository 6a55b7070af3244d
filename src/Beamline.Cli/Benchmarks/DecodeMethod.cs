namespace Beamline.Cli.Benchmarks;

/// <summary>How tokens are chosen.</summary>
internal enum DecodeMethod
{
    /// <summary>The likeliest.</summary>
    Greedy,

    /// <summary>Drawn with temperature 0.8 and top-p 0.95 over the whole vocabulary.</summary>
    Sample,

    /// <summary>Beam search with four beams a prompt.</summary>
    Beam,
}
