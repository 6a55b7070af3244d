using Beamline.Grains.Tests.Clusters;

namespace Beamline.Grains.Tests.Sequences;

/// <summary>Whole generations of the embedded model against the reference, through client, grains and engine on two silos.</summary>
public sealed class ReferenceGenerationTests(TalesCluster tales) : IClassFixture<TalesCluster>
{
    private static readonly Dictionary<string, GenerationCase> ByName = GenerationCase.All("generate-tales.jsonl");

    public static TheoryData<string> Cases { get; } = [.. ByName.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Generation_EqualsTheReference(string name) => ByName[name].CheckAsync(tales.Client, model: null);
}
