namespace Beamline.Engine.Sessions;

/// <summary>Names of a decoder graph's inputs and outputs.</summary>
internal static class GraphNames
{
    public const string InputIds = "input_ids";
    public const string PositionIds = "position_ids";
    public const string LastPositions = "seqlens_k";
    public const string TotalLength = "total_sequence_length";
    public const string LogitsIndex = "logits_index";
    public const string Logits = "logits";

    public static string PastKey(int layer) => $"past_key_values.{layer}.key";

    public static string PastValue(int layer) => $"past_key_values.{layer}.value";

    public static string PresentKey(int layer) => $"present.{layer}.key";

    public static string PresentValue(int layer) => $"present.{layer}.value";
}
