using System.Runtime.InteropServices;

namespace Beamline.Engine.Backends.Devices;

/// <summary>The few calls of NVIDIA's driver that memory and copies need; each gives 0 or an error's number.</summary>
/// <remarks>
/// The driver and not ONNX Runtime's <c>CopyTensors</c>: that knows a way to CUDA only after the provider's library was registered by
/// path, and registering reads beyond a list's end where the system shows more graphics cards than the process may use, as in most
/// containers. The names with <c>_v2</c> are those that the driver's own header maps the plain names to.
/// </remarks>
internal static unsafe partial class CudaDriver
{
    /// <summary>The library, which comes with the driver and not with CUDA.</summary>
    public const string Library = "libcuda.so.1";

    /// <summary><c>CUDA_ERROR_OUT_OF_MEMORY</c>.</summary>
    public const int OutOfMemory = 2;

    private const int NoDevice = 100;   // CUDA_ERROR_NO_DEVICE

    private static readonly Lazy<(int Count, string? Fault)> Seen = new(Look);

    /// <summary>How many devices this process may use; 0 where there is no driver.</summary>
    public static int Count => Seen.Value.Count;

    /// <summary>Why there are none; null when there are some.</summary>
    public static string? Fault => Seen.Value.Fault;

    /// <summary>Throws when a call failed.</summary>
    /// <exception cref="OutOfMemoryException">The device has not enough memory.</exception>
    /// <exception cref="InvalidOperationException">Something else.</exception>
    public static void Check(int result, string call)
    {
        if (result == 0) return;
        string problem = $"CUDA's {call} failed: {NameOf(result)}";
        throw result == OutOfMemory ? new InsufficientMemoryException(problem) : new InvalidOperationException(problem);
    }

    [LibraryImport(Library, EntryPoint = "cuDeviceGet")]
    public static partial int GetDevice(out int device, int index);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetName")]
    public static partial int GetDeviceName(byte* name, int length, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRetain")]
    public static partial int RetainContext(out nint context, int device);

    [LibraryImport(Library, EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    public static partial int ReleaseContext(int device);

    [LibraryImport(Library, EntryPoint = "cuCtxSetCurrent")]
    public static partial int UseContext(nint context);

    [LibraryImport(Library, EntryPoint = "cuMemGetInfo_v2")]
    public static partial int GetMemory(out nuint free, out nuint all);

    [LibraryImport(Library, EntryPoint = "cuMemAlloc_v2")]
    public static partial int Allocate(out nint address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemFree_v2")]
    public static partial int Free(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemAllocHost_v2")]
    public static partial int AllocateHost(out nint address, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemFreeHost")]
    public static partial int FreeHost(nint address);

    [LibraryImport(Library, EntryPoint = "cuMemsetD8_v2")]
    public static partial int Fill(nint address, byte value, nuint bytes);

    [LibraryImport(Library, EntryPoint = "cuMemcpy2DUnaligned_v2")]
    public static partial int Copy(in CudaCopy copy);

    [LibraryImport(Library, EntryPoint = "cuStreamSynchronize")]
    public static partial int WaitFor(nint stream);

    private static (int Count, string? Fault) Look()
    {
        try
        {
            int count = 0, result = Start(flags: 0);
            if (result == 0) result = CountDevices(out count);
            if (result == 0 && count == 0) result = NoDevice;
            return result == 0 ? (count, null) : (0, $"NVIDIA's driver says {NameOf(result)}");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return (0, $"there is no NVIDIA driver ({Library})");
        }
    }

    private static string NameOf(int result) =>
        ErrorName(result, out nint name) == 0 ? Marshal.PtrToStringUTF8(name)! : $"error {result}";

    [LibraryImport(Library, EntryPoint = "cuInit")]
    private static partial int Start(uint flags);

    [LibraryImport(Library, EntryPoint = "cuDeviceGetCount")]
    private static partial int CountDevices(out int count);

    [LibraryImport(Library, EntryPoint = "cuGetErrorName")]
    private static partial int ErrorName(int error, out nint name);
}
