using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>
/// Writes each token into the KV pool and computes logits from what the pool holds, as a real model does. A pass over one token leaves
/// another mark than one over several, as in ONNX Runtime, so mixing up prefill and decode shows too.
/// </summary>
internal sealed unsafe class HashSession(KvPool pool, ForwardBuffers buffers, Action<ForwardShape>? beforePass) : IModelSession
{
    private const int DecodeMark = 1 << 20;
    private const int Padding = -7;

    public void Run(in ForwardShape shape)
    {
        beforePass?.Invoke(shape);
        int longest = 0;
        bool padded = shape is { Rows: > 1, Tokens: > 1 };
        for (int row = 0; row < shape.Rows; row++)
        {
            // Several new tokens with a past work for one row only: several rows begin at 0, and what is behind a row's end is padding.
            int last = buffers.LastPositions[row], start = padded ? 0 : last - shape.Tokens + 1;
            Require(last < start + shape.Tokens, "a row ends within its tokens");
            longest = int.Max(longest, last + 1);
            for (int i = 0; i < shape.Tokens; i++)
            {
                Require(buffers.PositionIds[row * shape.Tokens + i] == start + i, "positions follow each other");
                int mark = (int)buffers.InputIds[row * shape.Tokens + i] + (shape.Tokens == 1 ? DecodeMark : 0);
                Write(shape.FirstRow + row, start + i, start + i <= last ? mark : Padding);
            }
        }
        Require(buffers.TotalLength[0] == (padded ? shape.Tokens : longest), "the total is the longest row's");
        for (int i = 0; i < shape.Logits; i++)
        {
            int index = (int)buffers.LogitsIndex[i];
            int row = index / shape.Tokens;
            int position = (padded ? 0 : buffers.LastPositions[row] - shape.Tokens + 1) + (index % shape.Tokens);
            HashLogits.Fill(
                Hash(shape.FirstRow + row, position + 1), buffers.Logits.AsSpan(i * buffers.VocabularySize, buffers.VocabularySize));
        }
    }

    // No assertion library here: the engine's thread is measured while it runs this.
    private static void Require(bool holds, string law)
    {
        if (!holds) throw new InvalidOperationException($"The engine broke a law of the graph: {law}.");
    }

    public void Dispose()
    {
    }

    /// <summary>What a position holds after a token went through a pass.</summary>
    public static int Mark(int token, bool decoded) => token + (decoded ? DecodeMark : 0);

    private void Write(int row, int position, int mark)
    {
        for (int layer = 0; layer < pool.Model.Layers; layer++)
        {
            for (int head = 0; head < pool.Model.KvHeads; head++)
            {
                *At(pool.Keys(layer, row), head, position) = mark;
                *At(pool.Values(layer, row), head, position) = -mark;
            }
        }
    }

    private ulong Hash(int row, int length)
    {
        ulong hash = HashLogits.Begin;
        for (int position = 0; position < length; position++)
        {
            // The layer and head that answer change with the position: all of them must be true.
            int layer = position % pool.Model.Layers, head = position % pool.Model.KvHeads;
            float key = *At(pool.Keys(layer, row), head, position);
            float value = *At(pool.Values(layer, row), head, position);
            hash = HashLogits.Add(hash, key == -value ? (int)key : -1);
        }
        return hash;
    }

    private float* At(nint buffer, int head, int position) =>
        (float*)buffer + ((long)head * pool.Model.ContextLength + position) * pool.Model.HeadSize;
}
