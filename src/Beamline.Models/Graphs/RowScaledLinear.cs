using Beamline.Models.Weights;
using static Beamline.Models.Graphs.NodeAttribute;
using DataType = Beamline.Models.Graphs.Onnx.TensorProto.Types.DataType;

namespace Beamline.Models.Graphs;

/// <summary>Matrices of 8 bits with a scale an output; hidden states are rounded to 8 bits with a scale a row.</summary>
/// <remarks>
/// The rounding is put together from plain operators because DynamicQuantizeMatMul has one scale for all rows, so that a row would
/// depend on its neighbours. Wants AVX-512 VNNI, AVX-VNNI or Arm's dot product: elsewhere sums of pairs are cut off at 16 bits.
/// </remarks>
internal sealed class RowScaledLinear : ILinearFormat
{
    private const int Steps = 127;
    private const byte Middle = 128;

    // Keeps a row of zeros from being divided by zero; far below any scale that matters.
    private const float SmallestMagnitude = 1e-30f;

    /// <inheritdoc/>
    public string Add(GraphBuilder graph, string input, LinearWeights weights, bool addBias, string? output = null)
    {
        string name = $"{weights.Matrix.Name}.rows";
        float[] scales = [];
        string matrix = graph.Weight(name, DataType.Int8, [weights.Inputs, weights.Outputs], data => scales = WriteCodes(weights, data));
        string columns = graph.Weight($"{name}.scales", DataType.Float, [weights.Outputs], data => data.Write(scales));

        string largest = graph.Node("ReduceMax", [graph.Node("Abs", [input])], [Ints("axes", -1), Int("keepdims", 1)]);
        string magnitude = graph.Node("Max", [largest, graph.Constant("w8a8.smallest", SmallestMagnitude)]);
        string scale = graph.Node("Mul", [magnitude, graph.Constant("w8a8.step", 1f / Steps)]);
        string one = graph.Constant("w8a8.one", 1f), middle = graph.Constant("w8a8.middle", Middle);
        string codes = graph.Node("QuantizeLinear", [graph.Node("Div", [input, scale]), one, middle]);
        string product = graph.Node("MatMulIntegerToFloat", [codes, matrix, one, columns, middle], domain: GraphBuilder.Microsoft);
        bool bias = addBias && weights.Bias is not null;
        string scaled = graph.Node("Mul", [product, scale], output: bias ? null : output);
        return bias ? graph.Node("Add", [scaled, graph.Tensor(weights.Bias!)], output: output) : scaled;
    }

    private static float[] WriteCodes(LinearWeights weights, WeightDataWriter data)
    {
        int inputs = weights.Inputs, outputs = weights.Outputs;
        float[] scales = new float[outputs];
        byte[] codes = new byte[inputs];
        // The operator wants a row an input; at a byte a weight the whole matrix is a quarter of what the model takes.
        byte[][] rows = [.. Enumerable.Range(0, inputs).Select(_ => new byte[outputs])];
        MatrixOutputs.Visit(weights, (output, values) =>
        {
            scales[output] = BlockQuantizer.To8Bits(values, codes);
            for (int input = 0; input < inputs; input++) rows[input][output] = (byte)(codes[input] - BlockQuantizer.Middle8);
        });
        foreach (byte[] row in rows) data.Write(row);
        return scales;
    }
}
