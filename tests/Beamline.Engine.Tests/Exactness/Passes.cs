using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;
using Beamline.Models.Catalogue;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>Forward passes of a model, one by one, without an engine.</summary>
internal sealed class Passes : IDisposable
{
    private readonly KvPool _pool;
    private readonly ForwardBuffers _buffers;
    private readonly IModelSession _session;

    public Passes(CachedModel model, int threads, int rows)
    {
        _pool = new(model.Description, rows);
        _buffers = new(rows, model.Description.ContextLength, model.Description.VocabularySize);
        _session = new OnnxSessionFactory(model.GraphPath, model.Description, threads).Open(_pool, _buffers);
    }

    /// <summary>Computes a piece of a prompt in a row.</summary>
    /// <returns>The logits of its last token; good until the next pass.</returns>
    public ReadOnlySpan<float> Prefill(int row, ReadOnlySpan<int> ids, int start = 0)
    {
        for (int i = 0; i < ids.Length; i++) (_buffers.InputIds[i], _buffers.PositionIds[i]) = (ids[i], start + i);
        _buffers.LastPositions[0] = start + ids.Length - 1;
        _buffers.LogitsIndex[0] = ids.Length - 1;
        _buffers.TotalLength[0] = start + ids.Length;
        _session.Run(new(row, Rows: 1, ids.Length, Logits: 1));
        return _buffers.Logits.AsSpan(0, _buffers.VocabularySize);
    }

    /// <summary>Feeds the first rows a token each.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="lengths">Positions that each row has before.</param>
    /// <returns>The logits of all rows; good until the next pass.</returns>
    public ReadOnlySpan<float> Decode(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        int longest = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            (_buffers.InputIds[i], _buffers.PositionIds[i], _buffers.LastPositions[i]) = (ids[i], lengths[i], lengths[i]);
            _buffers.LogitsIndex[i] = i;
            longest = int.Max(longest, lengths[i]);
        }
        _buffers.TotalLength[0] = longest + 1;
        _session.Run(new(FirstRow: 0, ids.Length, Tokens: 1, ids.Length));
        return _buffers.Logits.AsSpan(0, ids.Length * _buffers.VocabularySize);
    }

    public void Dispose()
    {
        _session.Dispose();
        _pool.Dispose();
    }
}
