namespace Beamline.Models.Configs;

/// <summary>The function between the two matrices of a block's feed-forward part.</summary>
internal enum Activation
{
    /// <summary>x times the normal distribution function of x.</summary>
    Gelu,

    /// <summary>The approximation of <see cref="Gelu"/> by a hyperbolic tangent.</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}
