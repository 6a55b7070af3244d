using Beamline.Models.Graphs.Onnx;
using AttributeType = Beamline.Models.Graphs.Onnx.AttributeProto.Types.AttributeType;

namespace Beamline.Models.Graphs;

/// <summary>Makes attributes of nodes.</summary>
internal static class NodeAttribute
{
    /// <summary>A whole number.</summary>
    public static AttributeProto Int(string name, long value) => new() { Name = name, I = value, Type = AttributeType.Int };

    /// <summary>A number.</summary>
    public static AttributeProto Float(string name, float value) => new() { Name = name, F = value, Type = AttributeType.Float };

    /// <summary>A list of whole numbers.</summary>
    public static AttributeProto Ints(string name, params ReadOnlySpan<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        foreach (long value in values) attribute.Ints.Add(value);
        return attribute;
    }
}
