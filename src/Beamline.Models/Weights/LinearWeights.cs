namespace Beamline.Models.Weights;

/// <summary>A matrix that hidden states are multiplied with, and what is added behind it.</summary>
/// <param name="Matrix">Two sides.</param>
/// <param name="Layout">Which side is the inputs.</param>
/// <param name="Bias">A number an output; null when nothing is added.</param>
internal sealed record LinearWeights(IWeightTensor Matrix, WeightLayout Layout, IWeightTensor? Bias)
{
    /// <summary>Length of an input, K.</summary>
    public int Inputs => (int)Matrix.Shape[Layout == WeightLayout.InputMajor ? 0 : 1];

    /// <summary>Length of an output, N.</summary>
    public int Outputs => (int)Matrix.Shape[Layout == WeightLayout.InputMajor ? 1 : 0];
}
