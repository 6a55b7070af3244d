using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>Whole generations of SmolLM2 against the reference; skipped until its file form can be read.</summary>
public sealed class SmolLmGenerationTests(SmolLmCluster smolLm) : IClassFixture<SmolLmCluster>
{
    [Fact]
    public async Task Generations_EqualTheReference()
    {
        Assert.SkipWhen(smolLm.Missing is not null, smolLm.Missing ?? "");
        foreach (GenerationCase one in GenerationCase.All("generate-smollm2.jsonl").Values)
        {
            await one.CheckAsync(smolLm.Client, SmolLmCluster.Model);
        }
    }
}
