using Beamline.Models.Weights;
using static Beamline.Models.Graphs.NodeAttribute;
using DataType = Beamline.Models.Graphs.Onnx.TensorProto.Types.DataType;

namespace Beamline.Models.Graphs;

/// <summary>Matrices of 8 or 4 bits in blocks of 32 along the inputs, a scale a block: ONNX Runtime's MatMulNBits.</summary>
/// <param name="bits">8 or 4.</param>
internal sealed class BlockLinear(int bits) : ILinearFormat
{
    private const int BlockSize = 32;

    // Activations are rounded to 8 bits block by block as well. Level 0 would be exact, but its sums depend on the rows of a batch.
    private const int AccuracyLevel = 4;

    /// <inheritdoc/>
    public string Add(GraphBuilder graph, string input, LinearWeights weights, bool addBias, string? output = null)
    {
        int inputs = weights.Inputs, outputs = weights.Outputs, blocks = (inputs + BlockSize - 1) / BlockSize;
        string name = $"{weights.Matrix.Name}.{bits}bits";
        float[] scales = [];
        long[] shape = [outputs, blocks, BlockSize * bits / 8];
        string codes = graph.Weight(name, DataType.Uint8, shape, data => scales = WriteCodes(weights, data));
        string steps = graph.Weight($"{name}.scales", DataType.Float, [(long)outputs * blocks], data => data.Write(scales));
        return graph.Node(
            "MatMulNBits",
            addBias && weights.Bias is not null ? [input, codes, steps, "", "", graph.Tensor(weights.Bias)] : [input, codes, steps],
            [Int("K", inputs), Int("N", outputs), Int("bits", bits), Int("block_size", BlockSize), Int("accuracy_level", AccuracyLevel)],
            GraphBuilder.Microsoft,
            output);
    }

    // The last block of an output is filled up with zeros.
    private float[] WriteCodes(LinearWeights weights, WeightDataWriter data)
    {
        int blocks = (weights.Inputs + BlockSize - 1) / BlockSize;
        float[] scales = new float[weights.Outputs * blocks];
        float[] block = new float[BlockSize];
        byte[] codes = new byte[BlockSize];
        MatrixOutputs.Visit(weights, (output, values) =>
        {
            for (int i = 0; i < blocks; i++)
            {
                ReadOnlySpan<float> part = values[(i * BlockSize)..Math.Min(values.Length, (i + 1) * BlockSize)];
                part.CopyTo(block);
                block.AsSpan(part.Length).Clear();
                scales[(output * blocks) + i] = bits == 8 ? BlockQuantizer.To8Bits(block, codes) : BlockQuantizer.To4Bits(block, codes);
                data.Write(bits == 8 ? codes : Pack(codes));
            }
        });
        return scales;
    }

    // Two codes a byte, the first in the lower half; in place.
    private static ReadOnlySpan<byte> Pack(byte[] codes)
    {
        for (int i = 0; i < codes.Length / 2; i++) codes[i] = (byte)(codes[2 * i] | (codes[(2 * i) + 1] << 4));
        return codes.AsSpan(0, codes.Length / 2);
    }
}
