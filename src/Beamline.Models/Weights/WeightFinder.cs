using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Weights;

/// <summary>Looks up the tensors that a config calls for, checks their shapes, counts them and collects every fault.</summary>
internal sealed class WeightFinder(ICheckpoint checkpoint)
{
    private readonly List<(string File, string Reason)> _faults = [];
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <summary>Number of weights in the tensors found, each tensor once.</summary>
    public long Parameters { get; private set; }

    /// <summary>Whether a tensor is there.</summary>
    public bool Has(string name) => checkpoint.TryGet(name, out _);

    /// <summary>A tensor of a shape; a stand-in when it is faulty, so that finding can go on.</summary>
    public IWeightTensor Find(string name, params long[] shape)
    {
        if (!checkpoint.TryGet(name, out IWeightTensor? tensor))
        {
            _faults.Add((checkpoint.File, $"tensor {name} is missing"));
            return new MissingTensor(name, checkpoint.File, shape);
        }
        if (!tensor.Shape.SequenceEqual(shape))
        {
            string found = string.Join(", ", tensor.Shape), wanted = string.Join(", ", shape);
            _faults.Add((tensor.File, $"tensor {name} has shape [{found}]; config.json asks for [{wanted}]"));
            return new MissingTensor(name, tensor.File, shape);
        }
        if (tensor.Unreadable is { } reason) _faults.Add((tensor.File, $"tensor {name} {reason}"));
        if (_found.Add(name)) Parameters += tensor.Count;
        return tensor;
    }

    /// <summary>Reports what was wrong.</summary>
    /// <exception cref="BeamlineException">Something was.</exception>
    public void ThrowIfFaulty()
    {
        if (_faults.Count > 0) throw ModelFile.Faults(_faults[0].File, [.. _faults.Select(fault => fault.Reason)]);
    }

    // Never read: ThrowIfFaulty comes first.
    private sealed record MissingTensor(string Name, string File, IReadOnlyList<long> Shape) : IWeightTensor
    {
        public long Count => 0;

        public string? Unreadable => null;

        public void Read(long start, Span<float> destination) => throw new InvalidOperationException($"Tensor {Name} is missing.");
    }
}
