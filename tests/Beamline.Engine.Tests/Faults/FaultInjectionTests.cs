namespace Beamline.Engine.Tests.Faults;

/// <summary>
/// Random searches while passes, openings and memory fail: after each step the engine's laws hold, and each search ends once, as what
/// happened to it explains, with the bytes of an undisturbed run if it ends well.
/// </summary>
[Collection(nameof(QuietProcess))]
public sealed class FaultInjectionTests(ITestOutputHelper output)
{
    private const int ShortSteps = 3_000;
    private const int LongSteps = 100_000;
    private const long GrowthLimit = 48L << 20;

    public static TheoryData<int> Seeds { get; } = [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void FaultsOfAllKinds_EachSearchEndsAsItShould_NothingIsKept(int seed)
    {
        FaultRun run = new(seed, ShortSteps);
        run.Run();
        run.Searches.ShouldBeGreaterThan(50);
    }

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1004)]
    public void HundredThousandStepsWithFaults_NothingIsKept_MemoryStays(int seed)
    {
        FaultRun run = new(seed, LongSteps);
        run.Run();
        output.WriteLine($"seed {seed}: {run}");
        run.GrownBytes.ShouldBeLessThan(GrowthLimit, $"seed {seed}: {run}");
        foreach (FaultKind kind in Enum.GetValues<FaultKind>())
        {
            run.Plan.Counts[(int)kind].ShouldBeGreaterThan(0, $"{kind} must have struck");
        }
    }
}
