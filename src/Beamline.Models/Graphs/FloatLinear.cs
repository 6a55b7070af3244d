using Beamline.Models.Weights;
using static Beamline.Models.Graphs.NodeAttribute;

namespace Beamline.Models.Graphs;

/// <summary>Matrices as they are, in the numbers that the graph computes with.</summary>
internal sealed class FloatLinear : ILinearFormat
{
    /// <inheritdoc/>
    public string Add(GraphBuilder graph, string input, LinearWeights weights, bool addBias, string? output = null)
    {
        string matrix = graph.Tensor(weights.Matrix);
        bool bias = addBias && weights.Bias is not null;
        string product = weights.Layout == WeightLayout.InputMajor
            ? graph.Node("MatMul", [input, matrix], output: bias ? null : output)
            // Gemm multiplies with the transposed matrix, so a tied head shares the embedding's bytes. It takes two-dimensional input only.
            : graph.Node("Gemm", [input, matrix], [Int("transB", 1)], output: bias ? null : output);
        return bias ? graph.Node("Add", [product, graph.Tensor(weights.Bias!)], output: output) : product;
    }
}
