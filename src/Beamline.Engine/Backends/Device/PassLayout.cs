namespace Beamline.Engine.Backends.Device;

/// <summary>Where the inputs of a pass lie in one block of bytes, one behind the other, so that one copy brings them all.</summary>
/// <param name="Rows">Rows B.</param>
/// <param name="Width">Tokens S of each, padding included.</param>
internal readonly record struct PassLayout(int Rows, int Width)
{
    /// <summary><c>input_ids</c>, int64 [B, S].</summary>
    public const int Ids = 0;

    /// <summary><c>position_ids</c>, int64 [B, S].</summary>
    public int Positions => sizeof(long) * Rows * Width;

    /// <summary><c>logits_index</c>, int64 [B].</summary>
    public int LogitsIndex => 2 * Positions;

    /// <summary><c>seqlens_k</c>, int32 [B].</summary>
    public int LastPositions => LogitsIndex + sizeof(long) * Rows;

    /// <summary><c>total_sequence_length</c>, int32.</summary>
    public int TotalLength => LastPositions + sizeof(int) * Rows;

    /// <summary>Bytes of all.</summary>
    public int Bytes => TotalLength + sizeof(int);
}
