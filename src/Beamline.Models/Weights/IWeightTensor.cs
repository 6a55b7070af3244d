namespace Beamline.Models.Weights;

/// <summary>One named tensor of a checkpoint, read piece by piece as fp32 whatever it is stored as.</summary>
/// <remarks>Safe for concurrent use; valid until the checkpoint it came from is disposed.</remarks>
internal interface IWeightTensor
{
    /// <summary>The name in the checkpoint.</summary>
    string Name { get; }

    /// <summary>The file it lies in, for error messages.</summary>
    string File { get; }

    /// <summary>Sides, outermost first; empty for a scalar.</summary>
    IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements: the product of <see cref="Shape"/>.</summary>
    long Count { get; }

    /// <summary>Why it cannot be read as weights, such as an element type of whole numbers; null when it can.</summary>
    string? Unreadable { get; }

    /// <summary>Copies consecutive elements, in row-major order, as fp32.</summary>
    /// <param name="start">The first element; 0 or more.</param>
    /// <param name="destination">Receives its length of elements; they must exist.</param>
    void Read(long start, Span<float> destination);
}
