using System.Globalization;
using System.Runtime.InteropServices;
using Beamline.Engine.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Backends.Devices;

/// <summary>An NVIDIA graphics processor: sessions on ONNX Runtime's CUDA provider, memory and copies by the driver.</summary>
/// <remarks>
/// Both share the device's primary context, which is how CUDA's runtime and driver interfaces are meant to go together. ONNX Runtime
/// waits for a pass to end before it returns, and so does every copy here, so neither sees the other's half-done work.
/// </remarks>
public sealed unsafe class CudaDevice : IExecutionDevice
{
    /// <summary>ONNX Runtime's name of its provider.</summary>
    public const string Provider = "CUDAExecutionProvider";

    private readonly int _device;
    private readonly nint _context;
    private bool _isReleased;

    /// <summary>Opens a device.</summary>
    /// <param name="index">Its index among those that this process may use.</param>
    /// <exception cref="InvalidOperationException">It is not there, or the driver refuses.</exception>
    public CudaDevice(int index)
    {
        if (index >= CudaDriver.Count) throw new InvalidOperationException($"There is no device cuda:{index}");
        Id = new(DeviceKind.Cuda, index);
        CudaDriver.Check(CudaDriver.GetDevice(out _device, index), "cuDeviceGet");
        CudaDriver.Check(CudaDriver.RetainContext(out _context, _device), "cuDevicePrimaryCtxRetain");
        Memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, index, OrtMemType.Default);
    }

    /// <inheritdoc/>
    public DeviceId Id { get; }

    /// <inheritdoc/>
    public OrtMemoryInfo Memory { get; }

    /// <inheritdoc/>
    public long? FreeBytes
    {
        get
        {
            Enter();
            CudaDriver.Check(CudaDriver.GetMemory(out nuint free, out _), "cuMemGetInfo");
            return (long)free;
        }
    }

    /// <inheritdoc/>
    public string Numerics
    {
        get
        {
            const int length = 256;
            byte* name = stackalloc byte[length];
            CudaDriver.Check(CudaDriver.GetDeviceName(name, length, _device), "cuDeviceGetName");
            string model = Marshal.PtrToStringUTF8((nint)name)!.ToLowerInvariant().Replace(' ', '-');
            return $"cuda/{model}/ort-{OnnxEnvironment.Instance.GetVersionString()}";
        }
    }

    /// <inheritdoc/>
    public void Configure(SessionOptions options) => Append(options, Id.Index);

    /// <summary>Adds CUDA's provider to a session's, which loads its library.</summary>
    /// <exception cref="OnnxRuntimeException">The build has none, or it cannot be loaded.</exception>
    internal static void Append(SessionOptions options, int index)
    {
        using OrtCUDAProviderOptions provider = new();
        provider.UpdateOptions(new()
        {
            ["device_id"] = index.ToString(CultureInfo.InvariantCulture),
            // Else the arena doubles with each extension and takes up to twice what weights and workspaces need.
            ["arena_extend_strategy"] = "kSameAsRequested",
        });
        options.AppendExecutionProvider_CUDA(provider);
    }

    /// <inheritdoc/>
    public nint Allocate(long bytes)
    {
        Enter();
        CudaDriver.Check(CudaDriver.Allocate(out nint address, (nuint)bytes), "cuMemAlloc");
        // Operators mask what lies behind a sequence by multiplying with zero, and zero times NaN is NaN.
        int result = CudaDriver.Fill(address, 0, (nuint)bytes);
        if (result != 0) _ = CudaDriver.Free(address);
        CudaDriver.Check(result, "cuMemsetD8");
        return address;
    }

    /// <inheritdoc/>
    public void Free(nint address)
    {
        if (address == 0) return;
        Enter();
        _ = CudaDriver.Free(address);       // after a fault of the device everything fails; there is nothing left to do about it
    }

    /// <inheritdoc/>
    public nint AllocateHost(long bytes)
    {
        Enter();
        CudaDriver.Check(CudaDriver.AllocateHost(out nint address, (nuint)bytes), "cuMemAllocHost");
        return address;
    }

    /// <inheritdoc/>
    public void FreeHost(nint address)
    {
        if (address == 0) return;
        Enter();
        _ = CudaDriver.FreeHost(address);
    }

    /// <inheritdoc/>
    public void Copy(CopyDirection direction, ReadOnlySpan<StridedCopy> copies)
    {
        if (copies.IsEmpty) return;
        Enter();
        foreach (StridedCopy copy in copies) CudaDriver.Check(CudaDriver.Copy(new CudaCopy(copy, direction)), "cuMemcpy2DUnaligned");
        // Copies within the device, and those from memory that is not locked, may still be under way; ONNX Runtime's stream would not
        // wait for them.
        CudaDriver.Check(CudaDriver.WaitFor(stream: 0), "cuStreamSynchronize");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isReleased) return;
        _isReleased = true;
        Memory.Dispose();
        _ = CudaDriver.ReleaseContext(_device);
    }

    // A thread may have had another device's context, or none.
    private void Enter()
    {
        ObjectDisposedException.ThrowIf(_isReleased, this);
        _ = CudaDriver.UseContext(_context);
    }
}
