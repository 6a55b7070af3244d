using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>The hashing model over pages that sequences share: any prompts stand side by side, and nothing is padded.</summary>
internal sealed class PagedBackend(HashModel model, BackendLimits limits, Action<ForwardPass>? beforePass = null) : IHashBackend
{
    private readonly PagedKvCache _kv = new(HashModel.Description.Kv, HashModel.Context, limits.Rows, limits.KvBytes);
    private readonly float[] _logits = new float[limits.Rows * HashModel.Vocabulary];

    public IKvCache Kv => _kv;

    public PromptBatching PromptBatching => PromptBatching.Anywhere;

    public int PassOverheadTokens => 8;

    public Memory<float> Logits => _logits;

    public void Run(ForwardPass pass)
    {
        beforePass?.Invoke(pass);
        foreach (PassEntry entry in pass.Entries)
        {
            if (entry.Start != _kv.Length(entry.Sequence)) throw new InvalidOperationException("A pass goes on where its sequence ends.");
            bool isBeyond = entry.Start + entry.Count > model.Traits.RecomputedBeyond;
            for (int i = 0; i < entry.Count; i++)
            {
                _kv.MarkAt(entry.Sequence, entry.Start + i) = HashBackend.Mark(pass.TokensOf(entry)[i], pass.IsDecode, isBeyond);
            }
            if (entry.Logits < 0) continue;
            ulong hash = HashLogits.Begin;
            for (int i = 0; i < entry.Start + entry.Count; i++) hash = HashLogits.Add(hash, _kv.MarkAt(entry.Sequence, i));
            HashLogits.Fill(hash, _logits.AsSpan(entry.Logits * HashModel.Vocabulary, HashModel.Vocabulary));
        }
    }

    public bool Reopen() => true;

    public int TokenAt(int sequence, int position) => HashBackend.TokenOf(_kv.MarkAt(sequence, position));

    public void Dispose()
    {
    }
}
