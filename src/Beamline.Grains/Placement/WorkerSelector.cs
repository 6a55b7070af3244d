using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Memory;
using Beamline.Engine.Prefixes;

namespace Beamline.Grains.Placement;

/// <summary>Chooses a worker for a search: a pure function of what the workers announced.</summary>
internal static class WorkerSelector
{
    /// <summary>
    /// From so many equally welcome workers on, two drawn at random are compared instead of all: silos with one old copy would all run to
    /// the same one.
    /// </summary>
    public const int Many = 8;

    /// <summary>
    /// So many workers that are believed to have room are asked whether they have it before one keeps a search in its line.
    /// </summary>
    public const int Tries = 3;

    /// <summary>
    /// How much of its rows a worker may have fewer free than the best one and still be taken for the prompt that it has at hand, or
    /// because it is near.
    /// </summary>
    public const double AffinitySlack = 0.125;

    /// <summary>How much longer the wait at a near worker may be than at the best one.</summary>
    public const double NearWait = 1.25;

    private const double AMoment = 0.001;       // seconds

    /// <summary>
    /// The workers that may take a search, best first. Equal numerics go first; then free rows before a wait, the shorter expected wait,
    /// the larger part of rows free. The first place goes to the better one of two drawn at random where there are many; before that to a
    /// worker of the caller's own silo, whose tokens need no message to another; before that to the worker that has the longest beginning
    /// of the prompt in its cache; the last two only when they are not clearly busier.
    /// </summary>
    /// <param name="workers">What is known.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="rows">Rows the search takes.</param>
    /// <param name="fingerprint">Numerics to prefer, since only equal ones continue with equal bits; null for any.</param>
    /// <param name="random">Draws, and breaks ties.</param>
    /// <param name="near">The caller's silo; null for none.</param>
    /// <param name="prompt">The prompt; empty looks at no cache.</param>
    public static ImmutableArray<WorkerDescription> Rank(
        ImmutableArray<WorkerDescription> workers,
        string model,
        int rows,
        string? fingerprint,
        Random random,
        string? near = null,
        ReadOnlySpan<int> prompt = default)
    {
        List<Candidate> candidates = new(workers.Length);
        foreach (WorkerDescription worker in workers)
        {
            if (worker.State != WorkerState.Ready || worker.LoadOf(model) is not { IsRecovering: false } load || load.Rows < rows) continue;
            bool isForeign = fingerprint is not null && worker.Fingerprint != fingerprint;
            candidates.Add(new(worker, load, isForeign, ExpectedWait(load, rows)));
        }
        // One number a candidate: sorting plain numbers takes a tenth of the time, and this runs for every search.
        ulong[] keys = [.. candidates.Select(candidate => KeyOf(candidate, random))];
        Candidate[] ranked = [.. candidates];
        Array.Sort(keys, ranked);
        int peers = CountPeers(ranked);
        if (peers >= Many) MoveToFront(ranked, int.Min(random.Next(peers), random.Next(peers)));
        int welcome = FindHolder(ranked, peers, prompt);
        if (welcome < 0) welcome = FindNear(ranked, peers, near);
        if (welcome > 0) MoveToFront(ranked, welcome);
        return [.. ranked.Select(candidate => candidate.Worker)];
    }

    /// <summary>Seconds until a worker has rows, by its own rate; 0 when it has them now.</summary>
    internal static double ExpectedWait(ModelLoad load, int rows)
    {
        if (load.HasRoomFor(rows)) return 0;
        // Rows that are missing come free in a moment, wherever most are free already: that is for the next criterion to tell.
        if (load.QueuedTokens == 0) return AMoment;
        double rate = load.TokensPerSecond > 0 ? load.TokensPerSecond : 1;
        return double.Max(AMoment, load.QueuedTokens / rate);
    }

    /// <summary>Numerics, wait, part of rows taken, a drawn number: the most important in the highest bits, the smallest first.</summary>
    private static ulong KeyOf(in Candidate candidate, Random random)
    {
        ulong wait = BitConverter.SingleToUInt32Bits((float)candidate.Wait);        // ordered as the numbers are: none is negative
        ulong taken = (ulong)((1 - candidate.FreeShare) * ushort.MaxValue);
        return (candidate.IsForeign ? 1UL << 63 : 0) | wait << 32 | taken << 16 | (uint)random.Next(1 << 16);
    }

    /// <summary>How many at the front are equally welcome: of one kind of numerics, and all with room or all without.</summary>
    private static int CountPeers(Candidate[] candidates)
    {
        int count = 0;
        while (count < candidates.Length
            && candidates[count].IsForeign == candidates[0].IsForeign
            && candidates[count].Wait > 0 == candidates[0].Wait > 0)
        {
            count++;
        }
        return count;
    }

    /// <summary>
    /// The place of the one with the longest known beginning of the prompt that is not clearly busier than the first; -1 when there is
    /// none.
    /// </summary>
    private static int FindHolder(Candidate[] candidates, int peers, ReadOnlySpan<int> prompt)
    {
        if (peers == 0 || candidates[0].Wait > 0) return -1;
        double atLeast = candidates[0].FreeShare - AffinitySlack;
        ReadOnlySpan<int> lengths = PrefixFingerprint.Lengths;
        for (int i = lengths.Length - 1; i >= 0; i--)
        {
            if (lengths[i] > prompt.Length) continue;
            ulong wanted = PrefixFingerprint.Of(prompt, lengths[i]);
            int best = -1;
            for (int place = 0; place < peers; place++)
            {
                Candidate candidate = candidates[place];
                ImmutableArray<ulong> known = candidate.Load.Prefixes;
                if (candidate.FreeShare < atLeast || known.IsDefaultOrEmpty || !known.Contains(wanted)) continue;
                if (best < 0 || candidate.FreeShare > candidates[best].FreeShare) best = place;
            }
            if (best >= 0) return best;
        }
        return -1;
    }

    /// <summary>The place of the best one of a silo unless it is clearly busier than the first; -1 when there is none.</summary>
    private static int FindNear(Candidate[] candidates, int peers, string? silo)
    {
        int place = Array.FindIndex(candidates, 0, peers, candidate => candidate.Worker.Id.Host == silo);
        if (place <= 0) return place;
        Candidate first = candidates[0], near = candidates[place];
        bool isBusier = first.Wait > 0
            ? near.Wait > first.Wait * NearWait
            : near.FreeShare < first.FreeShare - AffinitySlack;
        return isBusier ? -1 : place;
    }

    private static void MoveToFront(Candidate[] candidates, int place)
    {
        Candidate chosen = candidates[place];
        Array.Copy(candidates, 0, candidates, 1, place);
        candidates[0] = chosen;
    }

    private readonly record struct Candidate(WorkerDescription Worker, ModelLoad Load, bool IsForeign, double Wait)
    {
        public double FreeShare => double.Clamp((double)Load.FreeRows / Load.Rows, 0, 1);
    }
}
