namespace Beamline.Models.Weights;

/// <summary>Scale and shift of a layer norm.</summary>
internal sealed record NormWeights(IWeightTensor Scale, IWeightTensor Shift);
