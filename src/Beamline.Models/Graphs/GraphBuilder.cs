using System.Globalization;
using System.Runtime.InteropServices;
using Beamline.Models.Graphs.Onnx;
using Google.Protobuf;
using DataType = Beamline.Models.Graphs.Onnx.TensorProto.Types.DataType;

namespace Beamline.Models.Graphs;

/// <summary>Puts an ONNX graph together, node by node in running order. Every method returns the name of what it made.</summary>
/// <param name="name">The graph's name.</param>
/// <param name="data">Receives the weights.</param>
/// <param name="numbers">What it computes with: fp32 or fp16.</param>
internal sealed class GraphBuilder(string name, WeightDataWriter data, DataType numbers = DataType.Float)
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string Microsoft = "com.microsoft";

    // Opset 17 is the first with LayerNormalization; every ONNX Runtime of the last years reads it and IR version 8.
    private const int OpsetVersion = 17;
    private const int IrVersion = 8;

    private readonly GraphProto _graph = new() { Name = name };
    private readonly HashSet<string> _weights = new(StringComparer.Ordinal);
    private int _nodes;

    /// <summary>What the graph computes with: hidden states, keys and values, norms, biases, and matrices kept as they are.</summary>
    public DataType Numbers => numbers;

    /// <summary>Declares an input.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">A side each: a number, or a name for one that the caller chooses; none for a scalar.</param>
    public string Input(string name, DataType type, params ReadOnlySpan<Side> shape)
    {
        _graph.Input.Add(Value(name, type, shape));
        return name;
    }

    /// <summary>Declares an output; some node makes a value of its name.</summary>
    public void Output(string name, DataType type, params ReadOnlySpan<Side> shape) => _graph.Output.Add(Value(name, type, shape));

    /// <summary>Adds a node with one output.</summary>
    /// <param name="operation">The operator.</param>
    /// <param name="inputs">Names; an empty one leaves an optional input out.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="domain">The operator's domain; empty for ONNX's own.</param>
    /// <param name="output">The output's name; null to make one up.</param>
    public string Node(
        string operation,
        IReadOnlyList<string> inputs,
        IReadOnlyList<AttributeProto>? attributes = null,
        string domain = "",
        string? output = null)
    {
        output ??= $"{operation}_{_nodes}";
        Node(operation, inputs, [output], attributes, domain);
        return output;
    }

    /// <summary>Adds a node with several outputs; an empty name leaves an optional one out.</summary>
    public void Node(
        string operation,
        IReadOnlyList<string> inputs,
        IReadOnlyList<string> outputs,
        IReadOnlyList<AttributeProto>? attributes,
        string domain)
    {
        NodeProto node = new() { Name = $"{operation}_{_nodes++}", OpType = operation, Domain = domain };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        if (attributes is not null) node.Attribute.Add(attributes);
        _graph.Node.Add(node);
    }

    /// <summary>Whole numbers that stand in the graph itself, such as a shape.</summary>
    public string Constant(string name, params ReadOnlySpan<long> values) =>
        Constant(name, DataType.Int64, [values.Length], MemoryMarshal.AsBytes(values));

    /// <summary>One number that stands in the graph itself.</summary>
    public string Constant(string name, float value) =>
        Constant(name, DataType.Float, [], MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in value)));

    /// <summary>One byte that stands in the graph itself.</summary>
    public string Constant(string name, byte value) => Constant(name, DataType.Uint8, [], new ReadOnlySpan<byte>(in value));

    /// <summary>A weight; written once, however often it is asked for.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its sides.</param>
    /// <param name="write">Writes its elements.</param>
    public string Weight(string name, DataType type, IReadOnlyList<long> shape, Action<WeightDataWriter> write)
    {
        if (!_weights.Add(name)) return name;
        long begin = data.Begin();
        write(data);
        TensorProto tensor = new() { Name = name, DataType = (int)type, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(shape);
        tensor.ExternalData.Add(Entry("location", data.FileName));
        tensor.ExternalData.Add(Entry("offset", begin.ToString(CultureInfo.InvariantCulture)));
        tensor.ExternalData.Add(Entry("length", data.LengthFrom(begin).ToString(CultureInfo.InvariantCulture)));
        _graph.Initializer.Add(tensor);
        return name;
    }

    /// <summary>Writes the graph.</summary>
    public void Save(Stream stream)
    {
        ModelProto model = new() { IrVersion = IrVersion, ProducerName = "beamline", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OpsetVersion });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = Microsoft, Version = 1 });
        model.WriteTo(stream);
    }

    private string Constant(string name, DataType type, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes)
    {
        if (!_weights.Add(name)) return name;
        TensorProto tensor = new() { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        foreach (long side in shape) tensor.Dims.Add(side);
        _graph.Initializer.Add(tensor);
        return name;
    }

    private static ValueInfoProto Value(string name, DataType type, ReadOnlySpan<Side> shape)
    {
        TensorShapeProto sides = new();
        foreach (Side side in shape)
        {
            sides.Dim.Add(side.Name is null
                ? new TensorShapeProto.Types.Dimension { DimValue = side.Length }
                : new TensorShapeProto.Types.Dimension { DimParam = side.Name });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new() { ElemType = (int)type, Shape = sides } } };
    }

    private static StringStringEntryProto Entry(string key, string value) => new() { Key = key, Value = value };
}
