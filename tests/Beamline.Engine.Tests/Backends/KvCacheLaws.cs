using System.Globalization;
using System.Runtime.InteropServices;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Backends;

/// <summary>What holds for every cache of keys and values, wherever it keeps them. Contents are seen by what can be saved.</summary>
public abstract class KvCacheLaws
{
    private const int Rows = 5, Context = 96;
    private static ulong _made;

    /// <summary>What the cache is made of.</summary>
    protected abstract KvLayout Layout { get; }

    /// <summary>Opens a cache; disposed of when it is disposable.</summary>
    protected abstract IKvCache Open(KvLayout layout, int context, int rows, long kvBytes);

    [Fact]
    public void FreshCache_HoldsNothing() => With(kv =>
    {
        kv.UsedBlocks.ShouldBe(0);
        kv.Blocks.ShouldBeGreaterThanOrEqualTo(1);
        kv.BlockBytes.ShouldBe(Layout.BytesPerPosition * kv.BlockTokens);
        kv.CopiedPositions.ShouldBe(0);
    });

    [Fact]
    public void MoreSequencesThanRows_Refused() => With(kv =>
    {
        for (int i = 0; i < Rows; i++) kv.Length(kv.Open(i % 2 == 0)).ShouldBe(0);

        Should.Throw<InvalidOperationException>(() => kv.Open(isBrief: true));
    });

    [Fact]
    public void Committed_SequencesHoldThePass() => With(kv =>
    {
        int one = kv.Open(isBrief: true), other = kv.Open(isBrief: true);

        using (IKvReservation reservation = kv.TryReserve(Pass(kv, (one, 5), (other, 3)))!)
        {
            reservation.Commit();
            reservation.Commit();
        }

        (kv.Length(one), kv.Length(other)).ShouldBe((5, 3));
        kv.UsedBlocks.ShouldBeGreaterThan(0);
    });

    [Fact]
    public void NotCommitted_AllAsBefore() => With(kv =>
    {
        int one = kv.Open(isBrief: true), other = kv.Open(isBrief: true);
        kv.TryAppend(Layout, one, 1, 2, 3).ShouldBeTrue();
        int used = kv.UsedBlocks;

        IKvReservation reservation = kv.TryReserve(Pass(kv, (one, 1), (other, 1)))!;
        reservation.Dispose();
        reservation.Commit();

        kv.UsedBlocks.ShouldBe(used);
        kv.ShouldHold(Layout, one, 1, 2, 3);
        kv.ShouldHold(Layout, other);
    });

    [Fact]
    public void Fork_HoldsTheSame_AndGoesItsOwnWay() => With(kv =>
    {
        int one = kv.Open(isBrief: false);
        kv.TryAppend(Layout, one, 1, 2, 3).ShouldBeTrue();

        int fork = kv.TryFork(one)!.Value;
        kv.TryAppend(Layout, one, 4).ShouldBeTrue();
        kv.TryAppend(Layout, fork, 5, 6).ShouldBeTrue();

        kv.ShouldHold(Layout, one, 1, 2, 3, 4);
        kv.ShouldHold(Layout, fork, 1, 2, 3, 5, 6);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Refork_HoldsTheSame(int common) => With(kv =>
    {
        int one = kv.Open(isBrief: true), other = kv.Open(isBrief: true);
        kv.TryAppend(Layout, one, 1, 2, 3, 4).ShouldBeTrue();
        kv.TryAppend(Layout, other, 1, 2, 7).ShouldBeTrue();

        kv.TryRefork(one, other, common).ShouldBeTrue();

        kv.ShouldHold(Layout, one, 1, 2, 3, 4);
        kv.ShouldHold(Layout, other, 1, 2, 3, 4);
    });

    [Fact]
    public void Refork_OfAShorterOne_Shortens() => With(kv =>
    {
        int one = kv.Open(isBrief: true), other = kv.Open(isBrief: true);
        kv.TryAppend(Layout, one, 1, 2).ShouldBeTrue();
        kv.TryAppend(Layout, other, 1, 2, 7).ShouldBeTrue();

        kv.TryRefork(one, other, common: 2).ShouldBeTrue();

        kv.ShouldHold(Layout, other, 1, 2);
    });

    [Fact]
    public void Truncated_HoldsTheRest() => With(kv =>
    {
        int one = kv.Open(isBrief: true);
        kv.TryAppend(Layout, one, 1, 2, 3).ShouldBeTrue();

        kv.Truncate(one, 2);
        kv.ShouldHold(Layout, one, 1, 2);
        kv.TryAppend(Layout, one, 9).ShouldBeTrue();

        kv.ShouldHold(Layout, one, 1, 2, 9);
        kv.Truncate(one, 0);
        kv.UsedBlocks.ShouldBe(0);
    });

    [Fact]
    public void Dropped_GivesEverythingBack() => With(kv =>
    {
        int[] sequences = [.. Enumerable.Range(0, Rows).Select(_ => kv.Open(isBrief: false))];
        foreach (int sequence in sequences) kv.TryAppend(Layout, sequence, 1, 2, 3).ShouldBeTrue();

        foreach (int sequence in sequences) kv.Drop(sequence);

        kv.UsedBlocks.ShouldBe(0);
        for (int i = 0; i < Rows; i++) kv.Length(kv.Open(isBrief: true)).ShouldBe(0);
    });

    [Fact]
    public void Save_OfTheMiddle_GoesBehindTheSameBeginning() => With(kv =>
    {
        int one = kv.Open(isBrief: true), other = kv.Open(isBrief: true);
        kv.TryAppend(Layout, one, 1, 2, 3, 4, 5).ShouldBeTrue();
        kv.TryAppend(Layout, other, 1, 2).ShouldBeTrue();

        using KvSnapshot middle = kv.Save(one, from: 2, count: 3);
        middle.Count.ShouldBe(3);
        kv.TryRestore(middle, other, count: 2).ShouldBeTrue();

        kv.ShouldHold(Layout, other, 1, 2, 3, 4);
    });

    [Fact]
    public void NoRoom_Null_AndNothingChanged() => With(kvBytes: 2 * Context * Layout.BytesPerPosition, kv =>
    {
        int[] sequences = [.. Enumerable.Range(0, Rows).Select(_ => kv.Open(isBrief: true))];
        List<ulong>[] held = [.. sequences.Select(_ => new List<ulong>())];
        bool refused = false;
        for (int round = 0; round < Context / 4; round++)
        {
            for (int i = 0; i < Rows; i++)
            {
                int used = kv.UsedBlocks;
                if (held[i].Count + 4 > Context) continue;
                using IKvReservation? reservation = kv.TryReserve(Pass(kv, (sequences[i], 4)));
                if (reservation is null)
                {
                    refused = true;
                    kv.TryAppend(Layout, sequences[i], Fresh(4)).ShouldBeFalse();
                    kv.UsedBlocks.ShouldBe(used);
                    kv.Length(sequences[i]).ShouldBe(held[i].Count);
                    continue;
                }
                Commit(kv, reservation, sequences[i], held[i], Fresh(4));
                kv.UsedBlocks.ShouldBeLessThanOrEqualTo(kv.Blocks);
            }
        }
        refused.ShouldBeTrue();
        held.Sum(positions => positions.Count).ShouldBeLessThan(Rows * Context);
        for (int i = 0; i < Rows; i++) kv.ShouldHold(Layout, sequences[i], [.. held[i]]);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void WhatCostsNoMoreThanThereIs_Fits(int rows) => With(kvBytes: 2 * Context * Layout.BytesPerPosition, kv =>
    {
        for (int length = 1; length <= Context; length++)
        {
            int cost = kv.Cost(rows, shared: length / 2, length);
            if (cost > kv.Blocks) continue;
            int first = kv.Open(isBrief: true);
            kv.TryAppend(Layout, first, Fresh(int.Max(1, length / 2))).ShouldBeTrue();
            List<int> sequences = [first];
            while (sequences.Count < rows) sequences.Add(kv.TryFork(first)!.Value);
            foreach (int sequence in sequences)
            {
                int more = length - kv.Length(sequence);
                if (more > 0) kv.TryAppend(Layout, sequence, Fresh(more)).ShouldBeTrue();
            }
            kv.UsedBlocks.ShouldBeLessThanOrEqualTo(cost);
            foreach (int sequence in sequences) kv.Drop(sequence);
        }
    });

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public void RandomOperations_AsASimpleModel(int seed, bool isAmple) =>
        With(kvBytes: (isAmple ? Rows : 2) * Context * Layout.BytesPerPosition, kv =>
        {
            const int steps = 4000;
            Random random = new(seed);
            Dictionary<int, List<ulong>> model = [];
            for (int step = 0; step < steps; step++)
            {
                string did = Act(kv, model, random);
                foreach ((int sequence, List<ulong> positions) in model)
                {
                    kv.Length(sequence).ShouldBe(positions.Count, $"step {step}: {did}");
                    if (random.Next(8) == 0) kv.ShouldHold(Layout, sequence, [.. positions]);
                }
                int alone = model.Values.Sum(positions => (positions.Count + kv.BlockTokens - 1) / kv.BlockTokens);
                kv.UsedBlocks.ShouldBeLessThanOrEqualTo(int.Min(alone, kv.Blocks), $"step {step}: {did}");
            }
            foreach ((int sequence, List<ulong> positions) in model) kv.ShouldHold(Layout, sequence, [.. positions]);
            foreach (int sequence in model.Keys) kv.Drop(sequence);
            kv.UsedBlocks.ShouldBe(0);
        });

    private string Act(IKvCache kv, Dictionary<int, List<ulong>> model, Random random)
    {
        int[] open = [.. model.Keys];
        int action = random.Next(10);
        if (open.Length == 0 || (action == 0 && open.Length < Rows))
        {
            model.Add(kv.Open(random.Next(2) == 0), []);
            return "open";
        }
        int one = open[random.Next(open.Length)], other = open[random.Next(open.Length)];
        switch (action)
        {
            case 1:
                return Compute(kv, model, random, [(one, random.Next(2, 12))]);
            case 2:
                return Compute(kv, model, random, [.. open.Where(id => model[id].Count == 0).Select(id => (id, random.Next(2, 12)))]);
            case 3 or 4 or 5:
                int[] chosen = [.. open.Where(id => random.Next(3) > 0).OrderBy(_ => random.Next())];
                return Compute(kv, model, random, [.. chosen.Select(id => (id, 1))]);
            case 6 when open.Length < Rows:
                if (kv.TryFork(one) is { } fork) model.Add(fork, [.. model[one]]);
                return "fork";
            case 7 when one != other:
                int common = CollectionsMarshal.AsSpan(model[one]).CommonPrefixLength(CollectionsMarshal.AsSpan(model[other]));
                if (kv.TryRefork(one, other, random.Next(common + 1))) model[other] = [.. model[one]];
                return "refork";
            case 8 when random.Next(2) == 0:
                kv.Drop(one);
                model.Remove(one);
                return "drop";
            case 8:
                int length = random.Next(model[one].Count + 1);
                kv.Truncate(one, length);
                model[one].RemoveRange(length, model[one].Count - length);
                return "truncate";
            case 9 when model[one].Count > model[other].Count:
                int from = model[other].Count, count = random.Next(1, model[one].Count - from + 1), taken = random.Next(1, count + 1);
                using (KvSnapshot snapshot = kv.Save(one, from, count))
                {
                    if (kv.TryRestore(snapshot, other, taken)) model[other].AddRange(model[one].GetRange(from, taken));
                }
                return "restore";
            default:
                return "nothing";
        }
    }

    /// <summary>Reserves a pass, and commits it or not. No model runs, so what a pass computes is made up and put there.</summary>
    private string Compute(IKvCache kv, Dictionary<int, List<ulong>> model, Random random, (int Sequence, int Count)[] wanted)
    {
        wanted = [.. wanted.Where(entry => model[entry.Sequence].Count + entry.Count <= Context)];
        if (wanted.Length == 0) return "nothing";
        using IKvReservation? reservation = kv.TryReserve(Pass(kv, wanted));
        if (reservation is null || random.Next(5) == 0) return "reserve";
        reservation.Commit();
        foreach ((int sequence, int count) in wanted) Replace(kv, sequence, model[sequence], Fresh(count));
        return string.Create(CultureInfo.InvariantCulture, $"commit {wanted.Length}");
    }

    private void Commit(IKvCache kv, IKvReservation reservation, int sequence, List<ulong> held, ulong[] positions)
    {
        reservation.Commit();
        Replace(kv, sequence, held, positions);
    }

    private void Replace(IKvCache kv, int sequence, List<ulong> held, ulong[] positions)
    {
        kv.Length(sequence).ShouldBe(held.Count + positions.Length);
        kv.Truncate(sequence, held.Count);
        kv.TryAppend(Layout, sequence, positions).ShouldBeTrue("what was reserved and given back is there");
        held.AddRange(positions);
    }

    private static ForwardPass Pass(IKvCache kv, params ReadOnlySpan<(int Sequence, int Count)> entries)
    {
        ForwardPass pass = new(Rows, Rows * Context);
        foreach ((int sequence, int count) in entries)
        {
            if (count == 1) pass.Add(sequence, kv.Length(sequence), token: 1, wantsLogits: true);
            else pass.Add(sequence, kv.Length(sequence), new int[count]);
        }
        return pass;
    }

    private static ulong[] Fresh(int count) => [.. Enumerable.Range(0, count).Select(_ => Interlocked.Increment(ref _made))];

    private void With(Action<IKvCache> test) => With(Rows * Context * Layout.BytesPerPosition, test);

    private void With(long kvBytes, Action<IKvCache> test)
    {
        IKvCache kv = Open(Layout, Context, Rows, kvBytes);
        using (kv as IDisposable) test(kv);
    }
}
