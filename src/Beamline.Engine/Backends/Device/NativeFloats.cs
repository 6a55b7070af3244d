using System.Buffers;

namespace Beamline.Engine.Backends.Device;

/// <summary>Numbers in memory that is not the collector's, as managed code sees them. Whoever took the memory gives it back.</summary>
/// <param name="address">Where they lie.</param>
/// <param name="length">How many.</param>
internal sealed unsafe class NativeFloats(nint address, int length) : MemoryManager<float>
{
    /// <inheritdoc/>
    public override Span<float> GetSpan() => new((void*)address, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new((float*)address + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
        // It never moves.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // It owns nothing.
    }
}
