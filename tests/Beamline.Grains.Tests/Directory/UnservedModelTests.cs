using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Grains.Tests.Clusters;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Directory;

public sealed class UnservedModelTests(TalesCluster cluster) : IClassFixture<TalesCluster>
{
    [Theory]
    [InlineData("absent", "'absent'")]
    [InlineData("tales@int8", "'tales@int8'")]
    [InlineData(null, "models/tales'")]
    public async Task ModelOnDiskThatNoWorkerServes_IsNotFound(string? name, string quoted)
    {
        // A path of a whole model, which would load if it were looked at.
        GenerationRequest request = new()
        {
            Id = RequestId.New(),
            Model = name ?? Path.Combine(Repository.Root, "models", "tales"),
            Prompts = [new TextPrompt("Once")],
        };

        BeamlineError error = (await Should.ThrowAsync<BeamlineException>(
            cluster.Client.GenerateAsync(request, TestContext.Current.CancellationToken))).Error;

        error.Code.ShouldBe(BeamlineErrorCode.ModelNotFound);
        error.Message.ShouldEndWith($"{quoted}; served: tales.");
    }
}
