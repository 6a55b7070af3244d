using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;

namespace Beamline.Engine.Memory;

/// <summary>How many bytes of KV an engine may reserve.</summary>
internal static class KvBudget
{
    /// <summary>What the options say, else half of the memory that is free; never more than all rows at full length take.</summary>
    /// <exception cref="BeamlineException">It is not enough for one row of two positions.</exception>
    public static long Choose(ModelDescription model, EngineOptions options)
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        long free = long.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
        long most = model.KvBytesPerPosition * model.ContextLength * options.Rows;
        long budget = long.Min(options.KvBytes ?? free / 2, most);
        long least = 2 * model.KvBytesPerPosition;
        if (budget >= least) return budget;
        throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration,
            $"Beamline:Workers:KvBytes is {budget}; allowed: {least} or more, what two positions of {model.Name} take");
    }
}
