namespace Beamline.Models.Weights;

/// <summary>How a matrix lies in a checkpoint.</summary>
internal enum WeightLayout
{
    /// <summary>[inputs, outputs]: a row an input.</summary>
    InputMajor,

    /// <summary>[outputs, inputs]: a row an output.</summary>
    OutputMajor,
}
