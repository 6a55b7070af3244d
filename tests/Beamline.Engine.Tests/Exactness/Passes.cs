using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;
using Beamline.Models.Catalogue;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>Forward passes of a model, one by one, without an engine.</summary>
internal sealed class Passes : IDisposable
{
    private readonly IModelBackend _backend;
    private readonly ForwardPass _pass;
    private readonly int _vocabulary;

    public Passes(CachedModel model, int threads, int rows)
    {
        BackendLimits limits = new(rows, rows * model.Description.ContextLength, long.MaxValue);
        _backend = new HostBackendFactory(new(model.GraphPath, model.Description, threads)).Open(limits);
        _pass = new ForwardPass(limits.Rows, limits.PassTokens);
        _vocabulary = model.Description.VocabularySize;
        for (int row = 0; row < rows; row++) _backend.Kv.Open(isBrief: true).ShouldBe(row);
    }

    /// <summary>Computes a piece of a prompt in a row.</summary>
    /// <returns>The logits of its last token; good until the next pass.</returns>
    public ReadOnlySpan<float> Prefill(int row, ReadOnlySpan<int> ids, int start = 0)
    {
        _backend.Kv.Truncate(row, start);
        _pass.Clear();
        _pass.Add(row, start, ids);
        return Run();
    }

    /// <summary>Computes whole prompts side by side in the first rows, the shorter ones padded.</summary>
    /// <returns>The logits of their last tokens; good until the next pass.</returns>
    public ReadOnlySpan<float> PrefillTogether(params ReadOnlySpan<int[]> prompts)
    {
        _pass.Clear();
        for (int row = 0; row < prompts.Length; row++)
        {
            _backend.Kv.Truncate(row, 0);
            _pass.Add(row, 0, prompts[row]);
        }
        return Run();
    }

    /// <summary>Feeds the first rows a token each.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="lengths">Positions that each row has before.</param>
    /// <returns>The logits of all rows; good until the next pass.</returns>
    public ReadOnlySpan<float> Decode(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        _pass.Clear();
        for (int row = 0; row < ids.Length; row++)
        {
            _backend.Kv.Truncate(row, lengths[row]);
            _pass.Add(row, lengths[row], ids[row], wantsLogits: true);
        }
        return Run();
    }

    public void Dispose() => _backend.Dispose();

    private ReadOnlySpan<float> Run()
    {
        using IKvReservation? reserved = _backend.Kv.TryReserve(_pass);
        _backend.Run(_pass);
        reserved.ShouldNotBeNull().Commit();
        return _backend.Logits.Span[..(_pass.LogitsRows * _vocabulary)];
    }
}
