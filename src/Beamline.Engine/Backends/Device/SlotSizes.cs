using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Backends.Device;

/// <summary>How the memory for keys and values is divided: as many slots as rows, all of one capacity.</summary>
/// <param name="Slots">Slots; one holds one sequence.</param>
/// <param name="Capacity">Positions of a slot.</param>
internal readonly record struct SlotSizes(int Slots, int Capacity)
{
    /// <summary>Tokens a block holds.</summary>
    public const int BlockTokens = 16;

    private const int LeastBlocks = 2;

    /// <summary>Blocks of a slot; the last may be cut off by the model's context.</summary>
    public int SlotBlocks => BlocksOf(Capacity);

    /// <summary>Blocks that hold so many positions.</summary>
    public static int BlocksOf(int positions) => (positions + BlockTokens - 1) / BlockTokens;

    /// <summary>
    /// The context as capacity where that fits, else as much as fits, in whole blocks: a device has no pages that cost nothing before
    /// they are touched, so what every row could need is taken beforehand.
    /// </summary>
    /// <exception cref="BeamlineException">Not even two blocks a row fit.</exception>
    public static SlotSizes Choose(ModelDescription model, BackendLimits limits)
    {
        long position = model.Kv.BytesPerPosition;
        long fitting = limits.KvBytes / (position * limits.Rows);
        if (fitting >= model.ContextLength) return new(limits.Rows, model.ContextLength);
        int capacity = (int)(fitting / BlockTokens * BlockTokens);
        if (capacity >= LeastBlocks * BlockTokens) return new(limits.Rows, capacity);
        long least = int.Min(LeastBlocks * BlockTokens, model.ContextLength) * position;
        throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration,
            $"Beamline:Workers:Engine:KvBytes is {limits.KvBytes}; allowed: {least * limits.Rows} or more, {least} for each of "
            + $"{Counted.Of(limits.Rows, "row")} of {model.Name} on a device of its own memory; or fewer Beamline:Workers:Engine:Rows");
    }
}
