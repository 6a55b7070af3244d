using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Backends;

/// <summary>Keys and values made up from a number a position, so that a wrong, missing or stale position shows.</summary>
internal static unsafe class SyntheticKv
{
    /// <summary>What a sequence of such positions holds.</summary>
    public static KvSnapshot Of(KvLayout layout, params ReadOnlySpan<ulong> positions)
    {
        KvSnapshot snapshot = new(layout, positions.Length);
        byte* next = (byte*)snapshot.Address;
        foreach (KvLayer layer in layout.Layers)
        {
            for (int head = 0; head < 2 * layer.Heads; head++)
            {
                foreach (ulong position in positions)
                {
                    ulong state = (position * 1_000_003) + (ulong)head;
                    for (int i = 0; i < layer.HeadSize * layout.ElementBytes; i++) *next++ = (byte)Mix(ref state);
                }
            }
        }
        return snapshot;
    }

    /// <summary>The bytes of a snapshot.</summary>
    public static ReadOnlySpan<byte> Bytes(this KvSnapshot snapshot) => new((void*)snapshot.Address, (int)snapshot.Bytes);

    /// <summary>Appends such positions to a sequence.</summary>
    public static bool TryAppend(this IKvCache kv, KvLayout layout, int sequence, params ReadOnlySpan<ulong> positions)
    {
        using KvSnapshot snapshot = Of(layout, positions);
        return kv.TryRestore(snapshot, sequence, positions.Length);
    }

    /// <summary>Asserts that a sequence holds these positions and nothing else.</summary>
    public static void ShouldHold(this IKvCache kv, KvLayout layout, int sequence, params ReadOnlySpan<ulong> positions)
    {
        kv.Length(sequence).ShouldBe(positions.Length);
        if (positions.IsEmpty) return;
        using KvSnapshot expected = Of(layout, positions);
        using KvSnapshot actual = kv.Save(sequence, 0, positions.Length);
        actual.Bytes().SequenceEqual(expected.Bytes()).ShouldBeTrue($"sequence {sequence} holds other positions");
    }

    private static ulong Mix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        return z ^ (z >> 27);
    }
}
