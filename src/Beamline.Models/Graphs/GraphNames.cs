namespace Beamline.Models.Graphs;

/// <summary>The inputs and outputs of a decoder graph.</summary>
/// <remarks>B rows, S new tokens a row, K key/value heads, C context, D head size, R wanted rows, V vocabulary.</remarks>
public static class GraphNames
{
    /// <summary>int64 [B, S].</summary>
    public const string InputIds = "input_ids";

    /// <summary>int64 [B, S]: where in its text each token stands. Families that rotate inside attention do without.</summary>
    public const string PositionIds = "position_ids";

    /// <summary>int32 [B]: the row's length after this step, minus 1.</summary>
    public const string LastPositions = "seqlens_k";

    /// <summary>int32 scalar: S on a first prefill, the largest length on decode.</summary>
    public const string TotalLength = "total_sequence_length";

    /// <summary>int64 [R]: which of the B x S positions, flattened, to give logits for.</summary>
    public const string LogitsIndex = "logits_index";

    /// <summary>fp32 [R, V].</summary>
    public const string Logits = "logits";

    /// <summary>fp32, or fp16 where the precision is, [B, K, C, D]: keys of a layer, the whole buffer.</summary>
    public static string PastKey(int layer) => $"past_key_values.{layer}.key";

    /// <summary>fp32, or fp16 where the precision is, [B, K, C, D]: values of a layer, the whole buffer.</summary>
    public static string PastValue(int layer) => $"past_key_values.{layer}.value";

    /// <summary>The same after the step; may be the memory of <see cref="PastKey"/>, and is cheapest when it is.</summary>
    public static string PresentKey(int layer) => $"present.{layer}.key";

    /// <summary>The same after the step; may be the memory of <see cref="PastValue"/>, and is cheapest when it is.</summary>
    public static string PresentValue(int layer) => $"present.{layer}.value";
}
