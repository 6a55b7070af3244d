namespace Beamline.Engine.Backends.Devices;

/// <summary>One copy of lines of bytes that lie at equal distances; source and target do not overlap.</summary>
/// <param name="Source">Address of the first line.</param>
/// <param name="SourcePitch">Bytes from one line to the next.</param>
/// <param name="Target">Address of the first line's copy.</param>
/// <param name="TargetPitch">Bytes from one copied line to the next.</param>
/// <param name="Width">Bytes of a line; 1 to both pitches.</param>
/// <param name="Lines">How many lines; 1 or more.</param>
public readonly record struct StridedCopy(nint Source, long SourcePitch, nint Target, long TargetPitch, long Width, int Lines)
{
    /// <summary>A copy of one piece.</summary>
    public static StridedCopy Of(nint source, nint target, long bytes) => new(source, bytes, target, bytes, bytes, Lines: 1);
}
