using System.Buffers;
using Beamline.Models.Weights;
using DataType = Beamline.Models.Graphs.Onnx.TensorProto.Types.DataType;

namespace Beamline.Models.Graphs;

/// <summary>Copies tensors of a checkpoint into a graph.</summary>
internal static class GraphWeights
{
    // Elements copied at a time: large enough for the disk, small beside any model.
    private const int PieceElements = 1 << 18;

    /// <summary>A tensor as it is, in the numbers that the graph computes with.</summary>
    public static string Tensor(this GraphBuilder graph, IWeightTensor tensor) =>
        graph.Weight(tensor.Name, graph.Numbers, tensor.Shape, data => Copy(tensor, data, graph.Numbers == DataType.Float16));

    private static void Copy(IWeightTensor tensor, WeightDataWriter data, bool asHalves)
    {
        float[] piece = ArrayPool<float>.Shared.Rent(PieceElements);
        try
        {
            for (long done = 0; done < tensor.Count; done += PieceElements)
            {
                Span<float> values = piece.AsSpan(0, (int)Math.Min(PieceElements, tensor.Count - done));
                tensor.Read(done, values);
                if (asHalves) data.WriteHalves(values);
                else data.Write(values);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(piece);
        }
    }
}
