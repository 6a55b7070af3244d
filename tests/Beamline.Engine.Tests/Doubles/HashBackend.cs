using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>
/// Writes each token into the host's KV and computes logits from what the KV holds, as a real model does. A pass over one token leaves
/// another mark than one over several, as in ONNX Runtime, so mixing up prefill and decode shows too; beyond a border, so does which side
/// of it a position was computed for.
/// </summary>
internal sealed unsafe class HashBackend : IHashBackend
{
    private const int DecodeMark = 1 << 20;
    private const int BorderMark = 1 << 21;
    private const int Padding = -7;
    private readonly HashModel _model;
    private readonly Action<ForwardPass>? _beforePass;
    private readonly HostKvCache _kv;
    private readonly float[] _logits;

    public HashBackend(HashModel model, BackendLimits limits, Action<ForwardPass>? beforePass)
    {
        _model = model;
        _beforePass = beforePass;
        _kv = new HostKvCache(HashModel.Description.Kv, HashModel.Context, limits.Rows, limits.KvBytes);
        _logits = new float[limits.Rows * HashModel.Vocabulary];
    }

    public IKvCache Kv => _kv;

    public PromptBatching PromptBatching => _model.Batching;

    public int PassOverheadTokens => 16;

    public Memory<float> Logits => _logits;

    public void Run(ForwardPass pass)
    {
        _beforePass?.Invoke(pass);
        CheckPlaces(pass);
        foreach (PassEntry entry in pass.Entries)
        {
            Require(entry.Start == _kv.Length(entry.Sequence), "a pass goes on where its sequence ends");
            bool isBeyond = entry.Start + entry.Count > _model.Traits.RecomputedBeyond;
            bool isWhole = !isBeyond || entry.Start == 0 || Holds(entry.Sequence, 0, BorderMark);
            Require(isWhole, "what crosses the border is computed from its start");
            Require(_model.Traits.PromptInPieces || pass.IsDecode || entry.Start == 0, "a prompt that cannot be cut is computed at once");
            for (int i = 0; i < pass.Width; i++)
            {
                int mark = i < entry.Count ? Mark(pass.TokensOf(entry)[i], pass.IsDecode, isBeyond) : Padding;
                Write(_kv.SlotOf(entry.Sequence), entry.Start + i, mark);
            }
            if (entry.Logits < 0) continue;
            HashLogits.Fill(
                Hash(_kv.SlotOf(entry.Sequence), entry.Start + entry.Count),
                _logits.AsSpan(entry.Logits * HashModel.Vocabulary, HashModel.Vocabulary));
        }
    }

    public bool Reopen()
    {
        _model.BeforeOpen?.Invoke();
        _model.Opened++;
        return true;
    }

    public void Dispose() => _kv.Dispose();

    public int TokenAt(int sequence, int position) => TokenOf((int)*At(_kv.Memory.Keys(0, _kv.SlotOf(sequence)), 0, position));

    /// <summary>The token that left a mark.</summary>
    public static int TokenOf(int mark) => mark & (DecodeMark - 1);

    /// <summary>What a position holds after a token went through a pass.</summary>
    public static int Mark(int token, bool decoded, bool beyond = false) =>
        token + (decoded ? DecodeMark : 0) + (beyond ? BorderMark : 0);

    /// <summary>The operator's rules on where sequences lie.</summary>
    private void CheckPlaces(ForwardPass pass)
    {
        if (pass.Entries.Length == 1 || _model.Batching == PromptBatching.Anywhere) return;
        int count = pass.Entries.Length, first = pass.IsDecode ? 0 : _kv.SlotOf(pass.Entries[0].Sequence);
        Span<bool> seen = stackalloc bool[count];
        foreach (PassEntry entry in pass.Entries)
        {
            int slot = _kv.SlotOf(entry.Sequence) - first;
            Require((uint)slot < (uint)count && !seen[slot], "sequences of a pass lie side by side");
            Require(pass.IsDecode || entry.Start == 0, "prompts stand side by side only from their start");
            seen[slot] = true;
        }
    }

    // No assertion library here: the engine's thread is measured while it runs this.
    private static void Require(bool holds, string law)
    {
        if (!holds) throw new InvalidOperationException($"The engine broke a law of the graph: {law}.");
    }

    private bool Holds(int sequence, int position, int mark) =>
        ((int)*At(_kv.Memory.Keys(0, _kv.SlotOf(sequence)), 0, position) & mark) != 0;

    private void Write(int slot, int position, int mark)
    {
        for (int layer = 0; layer < HashModel.Description.Kv.Layers.Length; layer++)
        {
            for (int head = 0; head < HashModel.Description.Kv.Layers[layer].Heads; head++)
            {
                *At(_kv.Memory.Keys(layer, slot), head, position) = mark;
                *At(_kv.Memory.Values(layer, slot), head, position) = -mark;
            }
        }
    }

    private ulong Hash(int slot, int length)
    {
        ulong hash = HashLogits.Begin;
        for (int position = 0; position < length; position++)
        {
            // The layer and head that answer change with the position: all of them must be true.
            int layer = position % 3, head = position % 2;
            float key = *At(_kv.Memory.Keys(layer, slot), head, position);
            float value = *At(_kv.Memory.Values(layer, slot), head, position);
            hash = HashLogits.Add(hash, key == -value ? (int)key : -1);
        }
        return hash;
    }

    private float* At(nint slot, int head, int position) => (float*)slot + (((long)head * _kv.Memory.Capacity) + position) * 64;
}
