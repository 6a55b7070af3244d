using Beamline.Server.Hosting;
using Beamline.Testing;

namespace Beamline.Cluster.Tests.Processes;

/// <summary>What a server says whose settings cannot be followed.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("nosuch", "Model 'nosuch' is not known. ")]
    [InlineData("tales@int3", "")]
    public async Task AModelThatIsNotThere_IsSaidInOneLine_BeforeTheSiloStarts(string model, string problem)
    {
        using CancellationTokenSource limit = TestLimit.Of(minutes: 1);
        await using TestProcess server = TestProcess.Start(
            typeof(BeamlineServer),
            ["--urls", "http://127.0.0.1:0", "--Beamline:Workers:ExclusiveDevices", "false", "--Beamline:Workers:Models:0", model]);
        await server.Exited.WaitAsync(limit.Token);
        server.ExitCode.ShouldNotBe(0);
        string[] lines = server.Output.Split(Environment.NewLine);
        lines.Count(line => line.StartsWith($"beamline: {problem}", StringComparison.Ordinal)).ShouldBe(1, server.Output);
        lines.ShouldNotContain(line => line.Contains("Exception") || line.StartsWith("fail:", StringComparison.Ordinal), server.Output);
    }
}
