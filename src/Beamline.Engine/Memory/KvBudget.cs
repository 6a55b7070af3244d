using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Configuration;

namespace Beamline.Engine.Memory;

/// <summary>How many bytes of KV an engine may reserve.</summary>
public static class KvBudget
{
    /// <summary>
    /// What the options say, else half of what the model leaves free; never more than all rows at full length take.
    /// </summary>
    /// <param name="model">Gives the bytes of a position, the context and the vocabulary.</param>
    /// <param name="options">Gives rows, the wanted budget and the cache of prompts.</param>
    /// <param name="weightBytes">Bytes that the weights will take; 0 when they are loaded.</param>
    /// <param name="freeBytes">Bytes that the machine has free, without those that are promised to others.</param>
    /// <exception cref="BeamlineException">
    /// It is not enough for one row of two positions, or the machine has not enough free.
    /// </exception>
    public static long Choose(ModelDescription model, EngineOptions options, long weightBytes, long freeBytes)
    {
        long least = 2 * model.Kv.BytesPerPosition;
        if (options.KvBytes < least)
        {
            throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration,
                $"Beamline:Workers:Engine:KvBytes is {options.KvBytes}; allowed: {least} or more, what two positions of {model.Name} take");
        }
        long most = model.Kv.BytesPerPosition * model.ContextLength * options.Rows;
        long logits = (long)options.Rows * model.VocabularySize * sizeof(float);
        long besides = weightBytes + logits + long.Min(options.PrefixCacheBytes, most);
        long left = freeBytes - besides;
        long wanted = options.KvBytes is { } bytes ? long.Min(bytes, most) : long.Max(least, long.Min(left / 2, most));
        if (wanted <= left) return wanted;
        throw new BeamlineException(BeamlineErrorCode.NoRoom,
            $"{model.Name} needs {MiB(besides)} MiB for weights and buffers and {MiB(wanted)} MiB for the KV cache of "
            + $"{Counted.Of(options.Rows, "row")}; {MiB(freeBytes)} MiB are free beside what the models that are loaded may still take");
    }

    // Rounded up: what is needed must not look like less than it is.
    private static long MiB(long bytes) => (long.Max(0, bytes) + (1 << 20) - 1) >> 20;
}
