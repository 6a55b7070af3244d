using System.Diagnostics.CodeAnalysis;

namespace Beamline.Models.Weights;

/// <summary>The tensors of a model as it was published. Holds its files open until disposed.</summary>
internal interface ICheckpoint : IDisposable
{
    /// <summary>The file that says which tensors there are, for error messages.</summary>
    string File { get; }

    /// <summary>Looks a tensor up by its exact name.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out IWeightTensor? tensor);
}
