using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Faults;

/// <summary>A cache that refuses now and then, as its contract allows.</summary>
internal sealed class FaultyKv(IKvCache inner, FaultPlan plan) : IKvCache
{
    private readonly HashSet<int> _open = [];

    public int BlockTokens => inner.BlockTokens;

    public long BlockBytes => inner.BlockBytes;

    public int Blocks => inner.Blocks;

    public int UsedBlocks => inner.UsedBlocks;

    public long ResidentBytes => inner.ResidentBytes;

    public long CopiedPositions => inner.CopiedPositions;

    public int Cost(int sequences, int shared, int length) => inner.Cost(sequences, shared, length);

    public int Open(bool isBrief)
    {
        int sequence = inner.Open(isBrief);
        _open.Add(sequence);
        return sequence;
    }

    public int Length(int sequence) => inner.Length(sequence);

    public IKvReservation? TryReserve(ForwardPass pass)
    {
        if (plan.Strikes(FaultKind.ReserveThrows)) throw new InsufficientMemoryException("injected");
        return plan.Strikes(FaultKind.ReserveRefused) ? null : inner.TryReserve(pass);
    }

    public void Truncate(int sequence, int length) => inner.Truncate(sequence, length);

    public int? TryFork(int source)
    {
        if (plan.Strikes(FaultKind.ForkRefused) || inner.TryFork(source) is not { } fork) return null;
        _open.Add(fork);
        return fork;
    }

    public bool TryRefork(int source, int target, int common) =>
        !plan.Strikes(FaultKind.ReforkRefused) && inner.TryRefork(source, target, common);

    public void Drop(int sequence)
    {
        inner.Drop(sequence);
        _open.Remove(sequence);
    }

    public KvSnapshot Save(int sequence, int from, int count)
    {
        if (plan.Strikes(FaultKind.SaveThrows)) throw new InsufficientMemoryException("injected");
        return inner.Save(sequence, from, count);
    }

    public bool TryRestore(KvSnapshot snapshot, int sequence, int count) =>
        !plan.Strikes(FaultKind.RestoreRefused) && inner.TryRestore(snapshot, sequence, count);

    /// <summary>What the sequences hold is gone.</summary>
    public void Empty()
    {
        foreach (int sequence in _open) inner.Truncate(sequence, 0);
    }
}
