using Beamline.Models.Configs;
using Beamline.Models.Weights;
using static Beamline.Models.Graphs.NodeAttribute;
using DataType = Beamline.Models.Graphs.Onnx.TensorProto.Types.DataType;

namespace Beamline.Models.Graphs;

/// <summary>Builds the decoder of any family: embeddings, blocks of attention and feed-forward, head; the config switches.</summary>
/// <remarks>
/// Sums of the residual stream, the bias before them and the norm behind them are one operator (SkipLayerNormalization), as are an
/// activation and the bias before it: a small model's step is mostly the cost of starting operators.
/// </remarks>
internal sealed class DecoderGraph
{
    /// <summary>Counts changes of what is built; cache entries of another version are made anew.</summary>
    public const int FormatVersion = 1;

    private readonly DecoderConfig _config;
    private readonly DecoderWeights _weights;
    private readonly LinearFormats _formats;
    private readonly GraphBuilder _graph;

    private DecoderGraph(DecoderConfig config, DecoderWeights weights, LinearFormats formats, GraphBuilder graph) =>
        (_config, _weights, _formats, _graph) = (config, weights, formats, graph);

    /// <summary>Writes graph and weights.</summary>
    /// <param name="config">Sizes and switches.</param>
    /// <param name="weights">The tensors, checked against the config.</param>
    /// <param name="precision">How to keep the matrices.</param>
    /// <param name="graph">Receives the graph.</param>
    /// <param name="data">Receives the weights.</param>
    /// <param name="dataName">The name under which the graph finds the weights, in its own folder.</param>
    public static void Write(
        DecoderConfig config, DecoderWeights weights, WeightPrecision precision, Stream graph, Stream data, string dataName)
    {
        using WeightDataWriter writer = new(data, dataName);
        DataType numbers = precision == WeightPrecision.Fp16 ? DataType.Float16 : DataType.Float;
        GraphBuilder builder = new($"{config.Family}-{precision.Name()}", writer, numbers);
        new DecoderGraph(config, weights, LinearFormats.Of(precision), builder).Build();
        builder.Save(graph);
    }

    private void Build()
    {
        DeclareInputs();
        string sum = _graph.Node("Gather", [_graph.Tensor(_weights.TokenEmbedding), GraphNames.InputIds]);
        string added = _graph.Node("Gather", [_graph.Tensor(_weights.PositionEmbedding), GraphNames.PositionIds]);
        IWeightTensor? bias = null;
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            LayerWeights weights = _weights.Layers[layer];
            (string normed, sum) = AddAndNorm(sum, added, bias, weights.AttentionNorm);
            string qkv = _formats.Blocks.Add(_graph, normed, weights.Qkv, addBias: true);
            string attended = Attend(layer, qkv);
            added = _formats.Blocks.Add(_graph, attended, weights.Projection, addBias: false);
            (normed, sum) = AddAndNorm(sum, added, weights.Projection.Bias, weights.MlpNorm);
            string inner = _formats.Blocks.Add(_graph, normed, weights.Up, addBias: false);
            added = _formats.Blocks.Add(_graph, Activate(inner, weights.Up.Bias), weights.Down, addBias: false);
            bias = weights.Down.Bias;
        }
        AddHead(GatherWanted(sum, added, bias));
        _graph.Output(GraphNames.Logits, DataType.Float, "wanted", _config.VocabularySize);
    }

    private void DeclareInputs()
    {
        _graph.Input(GraphNames.InputIds, DataType.Int64, "rows", "tokens");
        _graph.Input(GraphNames.PositionIds, DataType.Int64, "rows", "tokens");
        _graph.Input(GraphNames.LastPositions, DataType.Int32, "rows");
        _graph.Input(GraphNames.TotalLength, DataType.Int32);
        _graph.Input(GraphNames.LogitsIndex, DataType.Int64, "wanted");
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            _graph.Input(GraphNames.PastKey(layer), _graph.Numbers, "rows", _config.KvHeads, "context", _config.HeadSize);
            _graph.Input(GraphNames.PastValue(layer), _graph.Numbers, "rows", _config.KvHeads, "context", _config.HeadSize);
            _graph.Output(GraphNames.PresentKey(layer), _graph.Numbers, "rows", _config.KvHeads, "context", _config.HeadSize);
            _graph.Output(GraphNames.PresentValue(layer), _graph.Numbers, "rows", _config.KvHeads, "context", _config.HeadSize);
        }
    }

    // x + added + bias, and its norm.
    private (string Normed, string Sum) AddAndNorm(string x, string added, IWeightTensor? bias, NormWeights norm)
    {
        string name = $"sum.{norm.Scale.Name}";
        List<string> inputs = [x, added, _graph.Tensor(norm.Scale), _graph.Tensor(norm.Shift)];
        if (bias is not null) inputs.Add(_graph.Tensor(bias));
        string[] outputs = [$"{name}.norm", "", "", name];
        _graph.Node("SkipLayerNormalization", inputs, outputs, [Float("epsilon", _config.NormEpsilon)], GraphBuilder.Microsoft);
        return ($"{name}.norm", name);
    }

    private string Attend(int layer, string qkv)
    {
        string output = $"attended.{layer}";
        _graph.Node(
            "GroupQueryAttention",
            [qkv, "", "", GraphNames.PastKey(layer), GraphNames.PastValue(layer), GraphNames.LastPositions, GraphNames.TotalLength],
            [output, GraphNames.PresentKey(layer), GraphNames.PresentValue(layer)],
            [
                Int("num_heads", _config.Heads),
                Int("kv_num_heads", _config.KvHeads),
                Float("scale", _config.AttentionScales[layer]),
                Int("do_rotary", 0),
            ],
            GraphBuilder.Microsoft);
        return output;
    }

    private string Activate(string x, IWeightTensor? bias)
    {
        if (_config.Activation == Activation.GeluTanh)
        {
            return _graph.Node("FastGelu", bias is null ? [x] : [x, _graph.Tensor(bias)], domain: GraphBuilder.Microsoft);
        }
        if (bias is not null && _config.Activation == Activation.Gelu)
        {
            return _graph.Node("BiasGelu", [x, _graph.Tensor(bias)], domain: GraphBuilder.Microsoft);
        }
        string sum = bias is null ? x : _graph.Node("Add", [x, _graph.Tensor(bias)]);
        if (_config.Activation == Activation.Relu) return _graph.Node("Relu", [sum]);
        return _graph.Node("Gelu", [sum], domain: GraphBuilder.Microsoft);
    }

    // Logits are fp32 whatever the graph computes with.
    private void AddHead(string wanted)
    {
        if (_graph.Numbers == DataType.Float)
        {
            _formats.Head.Add(_graph, wanted, _weights.Head, addBias: true, GraphNames.Logits);
            return;
        }
        string logits = _formats.Head.Add(_graph, wanted, _weights.Head, addBias: true);
        _graph.Node("Cast", [logits], [Int("to", (long)DataType.Float)], output: GraphNames.Logits);
    }

    // The norm and the head see the wanted positions only: of a prompt of 500 tokens usually one.
    private string GatherWanted(string sum, string added, IWeightTensor? bias)
    {
        string rows = _graph.Constant("shape.rows", -1, _config.Width);
        string x = _graph.Node("Gather", [_graph.Node("Reshape", [sum, rows]), GraphNames.LogitsIndex], [Int("axis", 0)]);
        string y = _graph.Node("Gather", [_graph.Node("Reshape", [added, rows]), GraphNames.LogitsIndex], [Int("axis", 0)]);
        return AddAndNorm(x, y, bias, _weights.FinalNorm).Normed;
    }
}
