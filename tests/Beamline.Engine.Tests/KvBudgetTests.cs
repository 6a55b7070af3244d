using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Configuration;
using Beamline.Engine.Memory;

namespace Beamline.Engine.Tests;

public sealed class KvBudgetTests
{
    private const long MiB = 1 << 20;

    // A position takes 2 x 8 layers x 4 heads x 64 numbers x 4 bytes = 16 KiB; a row of 1024 of them 16 MiB.
    private static readonly ModelDescription Model = new("m", "gpt2", "fp32", 1, KvLayout.Uniform(8, 4, 64), 1024, 1024, 0, [0], "hash");

    // Sixteen rows of logits are 64 KiB.
    private const long Logits = 16 * 1024 * 4;

    [Theory]
    [InlineData(1000, 256)]         // all rows at full length are 256 MiB: more is of no use
    [InlineData(400, 145)]          // half of what weights, logits and the cache of prompts leave
    public void WithoutASetting_HalfOfWhatTheModelLeaves(long freeMiB, long expectedMiB) =>
        KvBudget.Choose(Model, new() { PrefixCacheBytes = 10 * MiB }, 100 * MiB, freeMiB * MiB + Logits).ShouldBe(expectedMiB * MiB);

    [Theory]
    [InlineData(100, 210, true)]
    [InlineData(100, 209, false)]
    [InlineData(256, 366, true)]
    [InlineData(256, 365, false)]
    public void ASetting_HoldsOrIsRefused(long kvMiB, long freeMiB, bool fits)
    {
        EngineOptions options = new() { PrefixCacheBytes = 10 * MiB, KvBytes = kvMiB * MiB };
        long Choose() => KvBudget.Choose(Model, options, 100 * MiB, freeMiB * MiB + Logits);
        if (fits) Choose().ShouldBe(kvMiB * MiB);
        else Should.Throw<BeamlineException>(() => Choose()).Error.Code.ShouldBe(BeamlineErrorCode.NoRoom);
    }

    [Fact]
    public void Refusal_SaysInOneLineWhatIsNeededAndWhatIsThere()
    {
        EngineOptions options = new() { PrefixCacheBytes = 0, KvBytes = 64 * MiB };
        BeamlineError error = Should.Throw<BeamlineException>(() => KvBudget.Choose(Model, options, 100 * MiB, 20 * MiB)).Error;
        error.Message.ShouldBe(
            "m needs 101 MiB for weights and buffers and 64 MiB for the KV cache of 16 rows; "
            + "20 MiB are free beside what the models that are loaded may still take");
    }

    [Fact]
    public void NothingFree_IsNoRoomForAnyBudget() =>
        Should.Throw<BeamlineException>(() => KvBudget.Choose(Model, new(), 0, 0)).Error.Code.ShouldBe(BeamlineErrorCode.NoRoom);

    [Fact]
    public void Machine_TellsWhatItHasFree() => FreeMemory.Read().ShouldBeInRange(1, 1L << 50);
}
