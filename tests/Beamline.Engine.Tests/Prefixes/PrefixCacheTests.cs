using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Host;
using Beamline.Engine.Prefixes;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Tests.Prefixes;

/// <summary>The cache of prefixes over the host's KV, against a list of all that was saved.</summary>
public sealed unsafe class PrefixCacheTests : IDisposable
{
    private const int Context = 608;
    private static readonly KvLayout Layout = KvLayout.Uniform(2, 2, 16);
    private readonly HostKvCache _kv = new(Layout, Context, sequences: 3, bytes: long.MaxValue);
    private readonly List<PrefixCache> _caches = [];

    public void Dispose()
    {
        foreach (PrefixCache cache in _caches) cache.Dispose();
        _kv.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WithRoomForAll_FindsTheLongestSavedBeginning_AndRestoresIt(int seed)
    {
        Random random = new(seed);
        PrefixCache cache = NewCache(positions: 1_000_000);
        List<(long Realm, int[] Marks)> saved = [];
        for (int i = 0; i < 400; i++)
        {
            (long realm, int[] marks) = (random.Next(2), NewHistory(random, saved));
            int limit = random.Next(marks.Length + 1);
            int longest = saved.Where(one => one.Realm == realm)
                .Select(one => CommonLength(marks, one.Marks, limit)).DefaultIfEmpty().Max();

            int found = cache.Find(realm, marks, limit);
            found.ShouldBe(longest < PrefixCache.MinTokens ? 0 : longest, $"step {i}");
            ShouldRestore(cache, realm, marks, limit).ShouldBe(found, $"step {i}");

            Save(cache, realm, marks);
            if (marks.Length >= PrefixCache.MinTokens) saved.Add((realm, marks));
        }
        cache.UsedBytes.ShouldBeLessThanOrEqualTo(saved.Sum(one => one.Marks.Length * Layout.BytesPerPosition));
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 100)]
    [InlineData(3, 333)]
    [InlineData(4, 16)]
    [InlineData(5, 7)]
    public void WithLittleRoom_StaysWithinIt_AndWhatIsRestoredIsTrue(int seed, int positions)
    {
        Random random = new(seed);
        PrefixCache cache = NewCache(positions);
        List<(long Realm, int[] Marks)> saved = [];
        for (int i = 0; i < 1_000; i++)
        {
            (long realm, int[] marks) = (random.Next(2), NewHistory(random, saved));
            int found = cache.Find(realm, marks, marks.Length);
            found.ShouldBeLessThanOrEqualTo(
                saved.Where(one => one.Realm == realm).Select(one => CommonLength(marks, one.Marks, marks.Length)).DefaultIfEmpty().Max());
            ShouldRestore(cache, realm, marks, marks.Length).ShouldBe(found);
            Save(cache, realm, marks);
            saved.Add((realm, marks));
            cache.UsedBytes.ShouldBeLessThanOrEqualTo(positions * Layout.BytesPerPosition, $"step {i}");
            if (random.Next(50) == 0) cache.Forget(random.Next(2));
        }
        cache.Forget(0);
        cache.Forget(1);
        (cache.UsedBytes, cache.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void Eviction_TakesEndsBeforeBeginnings_LeastRecentlyUsedFirst()
    {
        PrefixCache cache = NewCache(positions: 160);
        int[] old = History(seed: 1, 96), recent = History(seed: 2, 64);
        Save(cache, 0, old);
        Save(cache, 0, recent);
        for (int i = 1; i <= 6; i++)
        {
            Save(cache, 0, History(seed: 10 + i, 16));
            cache.Find(0, old, 96).ShouldBe(96 - (16 * i), "its end goes, a block for a block");
            cache.Find(0, recent, 64).ShouldBe(64);
        }
        ShouldRestore(cache, 0, recent, 64);        // used just now: the single blocks are older
        Save(cache, 0, History(seed: 20, 96));
        cache.Find(0, recent, 64).ShouldBe(64);
    }

    [Fact]
    public void LongerThanAllRoom_KeepsItsBeginning()
    {
        PrefixCache cache = NewCache(positions: 50);
        int[] marks = History(seed: 1, 200);
        Save(cache, 0, marks);
        cache.Find(0, marks, 200).ShouldBe(48);
        ShouldRestore(cache, 0, marks, 200).ShouldBe(48);
    }

    [Fact]
    public void SharedBeginning_IsStoredOnce()
    {
        PrefixCache cache = NewCache(positions: 100_000);
        int[] one = History(seed: 1, 500), other = [.. one.Take(490), .. History(seed: 2, 10)];
        Save(cache, 0, one);
        long alone = cache.UsedBytes;
        Save(cache, 0, other);

        alone.ShouldBe(500 * Layout.BytesPerPosition);
        cache.UsedBytes.ShouldBeLessThanOrEqualTo(520 * Layout.BytesPerPosition);
        ShouldRestore(cache, 0, one, 500).ShouldBe(500);
        ShouldRestore(cache, 0, other, 500).ShouldBe(500);
    }

    [Fact]
    public void BlockInPart_IsServedInPart_AndGivesWayToALongerOne()
    {
        PrefixCache cache = NewCache(positions: 1_000);
        int[] marks = History(seed: 1, 60);
        Save(cache, 0, [.. marks.Take(20)]);
        Save(cache, 0, [.. marks.Take(30)]);
        cache.UsedBytes.ShouldBe(30 * Layout.BytesPerPosition, "the shorter end is covered");
        Save(cache, 0, [.. marks.Take(25)]);
        cache.UsedBytes.ShouldBe(30 * Layout.BytesPerPosition, "it is here already");
        ShouldRestore(cache, 0, marks, 60).ShouldBe(30);
        ShouldRestore(cache, 0, marks, 27).ShouldBe(27);
        Save(cache, 0, marks);
        cache.UsedBytes.ShouldBe(60 * Layout.BytesPerPosition);
        ShouldRestore(cache, 0, [.. marks.Take(37), .. History(seed: 2, 9)], 46).ShouldBe(37);
        cache.Find(0, marks, PrefixCache.MinTokens - 1).ShouldBe(0, "too short to be worth it");
    }

    [Fact]
    public void SequenceThatHoldsWholeBlocks_IsFilledFromThere()
    {
        PrefixCache cache = NewCache(positions: 1_000);
        int[] marks = History(seed: 1, 60);
        Save(cache, 0, marks);
        int sequence = _kv.Open(isBrief: true);
        cache.Restore(0, marks, sequence, 32).ShouldBe(32);
        cache.Restore(0, marks, sequence, 55).ShouldBe(55);
        ShouldHold(sequence, marks.AsSpan(0, 55));
        cache.Restore(0, marks, sequence, 32).ShouldBe(55, "what is there stays");
        _kv.Drop(sequence);
    }

    [Fact]
    public void Realms_KnowNothingOfEachOther()
    {
        PrefixCache cache = NewCache(positions: 1_000);
        int[] marks = History(seed: 1, 40);
        Save(cache, 7, marks);
        cache.Find(0, marks, 40).ShouldBe(0);
        cache.Find(7, marks, 40).ShouldBe(40);
        Save(cache, 0, marks);
        cache.Forget(7);
        cache.Find(7, marks, 40).ShouldBe(0);
        cache.Find(0, marks, 40).ShouldBe(40);
        cache.UsedBytes.ShouldBe(40 * Layout.BytesPerPosition);
    }

    [Fact]
    public void Fingerprints_NameBeginningsOfPrompts_MostRecentlyUsedFirst_ForAsLongAsTheyAreHere()
    {
        PrefixCache cache = NewCache(positions: 160);
        int[] prompt = History(seed: 1, 70), other = History(seed: 2, 20);
        int[] decoded = [.. History(seed: 3, 70).Select(mark => mark | BatchRow.FirstMark)];
        Save(cache, 0, prompt);
        Save(cache, 0, decoded);
        Save(cache, 0, other);
        cache.Fingerprints.ShouldBe(
            [PrefixFingerprint.Of(other, 16), PrefixFingerprint.Of(prompt, 16), PrefixFingerprint.Of(prompt, 64)], ignoreOrder: false);
        long version = cache.Version;
        Save(cache, 0, History(seed: 4, 160));
        cache.Version.ShouldNotBe(version);
        cache.Fingerprints.ShouldNotContain(PrefixFingerprint.Of(prompt, 16));
    }

    private PrefixCache NewCache(int positions)
    {
        PrefixCache cache = new(_kv, Layout.BytesPerPosition, positions * Layout.BytesPerPosition);
        _caches.Add(cache);
        return cache;
    }

    private static int CommonLength(int[] one, int[] other, int limit) => one.AsSpan(0, limit).CommonPrefixLength(other);

    /// <summary>A history that begins as one before it, or not.</summary>
    private static int[] NewHistory(Random random, List<(long Realm, int[] Marks)> saved)
    {
        int[] own = History(random.Next(), random.Next(1, 60));
        if (saved.Count == 0 || random.Next(4) == 0) return own;
        int[] before = saved[random.Next(saved.Count)].Marks;
        int[] marks = [.. before.Take(random.Next(before.Length + 1)), .. own];
        return marks.Length > 300 ? own : marks;
    }

    private static int[] History(int seed, int length)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(1_000))];
    }

    /// <summary>Writes a history into a sequence, as passes would, and saves it.</summary>
    private void Save(PrefixCache cache, long realm, int[] marks)
    {
        int sequence = _kv.Open(isBrief: true);
        ForwardPass pass = new(1, Context);
        if (marks.Length == 1) pass.Add(sequence, 0, marks[0], wantsLogits: true);
        else pass.Add(sequence, 0, marks);
        using (IKvReservation reserved = _kv.TryReserve(pass)!)
        {
            for (int i = 0; i < marks.Length; i++) Visit(sequence, i, (cell, place) => *(float*)cell = (marks[i] * 100) + place);
            reserved.Commit();
        }
        cache.Save(realm, marks, sequence);
        _kv.Drop(sequence);
    }

    private int ShouldRestore(PrefixCache cache, long realm, int[] marks, int limit)
    {
        int sequence = _kv.Open(isBrief: true);
        int restored = cache.Restore(realm, marks, sequence, limit);
        _kv.Length(sequence).ShouldBe(restored);
        ShouldHold(sequence, marks.AsSpan(0, restored));
        _kv.Drop(sequence);
        return restored;
    }

    private void ShouldHold(int sequence, ReadOnlySpan<int> marks)
    {
        int wrong = 0;
        for (int i = 0; i < marks.Length; i++)
        {
            int mark = marks[i];
            Visit(sequence, i, (cell, place) => wrong += *(float*)cell == (mark * 100) + place ? 0 : 1);
        }
        wrong.ShouldBe(0);
    }

    /// <summary>Every layer's and head's cell of a position, keys and values, with its number.</summary>
    private void Visit(int sequence, int position, Action<nint, int> visit)
    {
        int place = 0;
        for (int layer = 0; layer < Layout.Layers.Length; layer++)
        {
            nint keys = _kv.Memory.Keys(layer, _kv.SlotOf(sequence)), values = _kv.Memory.Values(layer, _kv.SlotOf(sequence));
            foreach (nint slot in (ReadOnlySpan<nint>)[keys, values])
            {
                for (int head = 0; head < Layout.Layers[layer].Heads; head++)
                {
                    visit(slot + (((head * _kv.Memory.Capacity) + position) * Layout.Layers[layer].HeadSize * sizeof(float)), place++);
                }
            }
        }
    }
}
