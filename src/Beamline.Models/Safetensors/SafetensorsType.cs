namespace Beamline.Models.Safetensors;

/// <summary>The element types of the safetensors format.</summary>
/// <remarks>All of them may stand in a file; only <c>F32</c>, <c>F16</c> and <c>BF16</c> are read as weights.</remarks>
internal static class SafetensorsType
{
    /// <summary>Bits of one element; 0 for a type that the format does not have.</summary>
    public static int Bits(string type) => type switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E5M2" or "F8_E4M3" or "F8_E8M0" or "F8_E4M3FNUZ" or "F8_E5M2FNUZ" => 8,
        "U16" or "I16" or "F16" or "BF16" => 16,
        "U32" or "I32" or "F32" => 32,
        "U64" or "I64" or "F64" or "C64" => 64,
        _ => 0,
    };

    /// <summary>Whether tensors of the type are read as weights.</summary>
    public static bool IsWeight(string type) => type is "F32" or "F16" or "BF16";
}
