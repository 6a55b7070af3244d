using System.Runtime.InteropServices;

namespace Beamline.Engine.Backends.Devices;

/// <summary>The driver's <c>CUDA_MEMCPY2D</c>: 128 bytes on every 64-bit system.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaCopy
{
    /// <summary><c>CU_MEMORYTYPE_HOST</c>.</summary>
    public const int Host = 1;

    /// <summary><c>CU_MEMORYTYPE_DEVICE</c>.</summary>
    public const int Device = 2;

    private readonly nuint _sourceX, _sourceY;
    private readonly int _sourceType;
    private readonly nint _sourceHost, _sourceDevice, _sourceArray;
    private readonly nuint _sourcePitch;
    private readonly nuint _targetX, _targetY;
    private readonly int _targetType;
    private readonly nint _targetHost, _targetDevice, _targetArray;
    private readonly nuint _targetPitch;
    private readonly nuint _width, _height;

    /// <summary>Fills it in.</summary>
    public CudaCopy(in StridedCopy copy, CopyDirection direction)
    {
        this = default;
        if (direction == CopyDirection.Upload) (_sourceType, _sourceHost) = (Host, copy.Source);
        else (_sourceType, _sourceDevice) = (Device, copy.Source);
        if (direction == CopyDirection.Download) (_targetType, _targetHost) = (Host, copy.Target);
        else (_targetType, _targetDevice) = (Device, copy.Target);
        (_sourcePitch, _targetPitch) = ((nuint)copy.SourcePitch, (nuint)copy.TargetPitch);
        (_width, _height) = ((nuint)copy.Width, (nuint)copy.Lines);
    }
}
