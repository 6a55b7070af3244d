using System.Runtime.InteropServices;
using Beamline.Engine.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Backends.Devices;

/// <summary>
/// The processor, driven as if it were a device with memory of its own: what a device holds stands in buffers beside the host's. So
/// every copy that a real device needs is made, and can be tested, where there is none.
/// </summary>
/// <param name="index">Its index.</param>
public sealed unsafe class CpuDevice(int index) : IExecutionDevice
{
    private const nuint Alignment = 64;     // a cache line, as ONNX Runtime's own buffers

    /// <inheritdoc/>
    public DeviceId Id => new(DeviceKind.Cpu, index);

    /// <inheritdoc/>
    public OrtMemoryInfo Memory => OrtMemoryInfo.DefaultInstance;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <inheritdoc/>
    public string Numerics => NumericsFingerprint.Current;

    /// <inheritdoc/>
    public void Configure(SessionOptions options)
    {
        // Every session has the processor's provider.
    }

    /// <inheritdoc/>
    public nint Allocate(long bytes)
    {
        nint address = AllocateHost(bytes);
        NativeMemory.Clear((void*)address, (nuint)bytes);
        return address;
    }

    /// <inheritdoc/>
    public void Free(nint address) => FreeHost(address);

    /// <inheritdoc/>
    public nint AllocateHost(long bytes) => (nint)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);

    /// <inheritdoc/>
    public void FreeHost(nint address) => NativeMemory.AlignedFree((void*)address);

    /// <inheritdoc/>
    public void Copy(CopyDirection direction, ReadOnlySpan<StridedCopy> copies)
    {
        foreach (StridedCopy copy in copies)
        {
            byte* source = (byte*)copy.Source, target = (byte*)copy.Target;
            for (int line = 0; line < copy.Lines; line++, source += copy.SourcePitch, target += copy.TargetPitch)
            {
                NativeMemory.Copy(source, target, (nuint)copy.Width);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // It holds nothing.
    }
}
