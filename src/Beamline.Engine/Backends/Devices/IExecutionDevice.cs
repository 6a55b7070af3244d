using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Backends.Devices;

/// <summary>A device as an execution provider drives it: how a session gets there, its memory, and copies of it.</summary>
/// <remarks>
/// Memory is taken from the device itself and not from a session's allocator, so that it outlives the session. One thread at a time.
/// </remarks>
public interface IExecutionDevice : IDisposable
{
    /// <summary>Which one it is.</summary>
    DeviceId Id { get; }

    /// <summary>Tells ONNX Runtime that an address lies in the device's memory.</summary>
    OrtMemoryInfo Memory { get; }

    /// <summary>Bytes of its memory that are free now; null when it has none of its own and uses the host's.</summary>
    long? FreeBytes { get; }

    /// <summary>What the last bits of a forward pass on it depend on besides the model: equal words give equal bits.</summary>
    string Numerics { get; }

    /// <summary>Puts sessions onto the device.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot drive it.</exception>
    void Configure(SessionOptions options);

    /// <summary>Takes memory of the device, filled with zeros.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    nint Allocate(long bytes);

    /// <summary>Gives memory of the device back; 0 is none.</summary>
    void Free(nint address);

    /// <summary>Takes memory of the host that copies to and from the device are fastest with.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    nint AllocateHost(long bytes);

    /// <summary>Gives memory of the host back; 0 is none.</summary>
    void FreeHost(nint address);

    /// <summary>Copies, one after the other, so that a later one sees what an earlier one wrote; all are done on return.</summary>
    void Copy(CopyDirection direction, ReadOnlySpan<StridedCopy> copies);
}
