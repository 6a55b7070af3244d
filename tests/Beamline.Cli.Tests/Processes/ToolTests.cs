using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Processes;

/// <summary>The tool in a process of its own, where standard streams and exit codes are real.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Generate_FirstAndSecondStart_SameBytes()
    {
        string[] args = ["generate", "Once upon a time", "--do-sample", "--seed", "7", "--max-new-tokens", "30"];
        CliRun first = await ToolProcess.RunAsync(_cache.Path, args);
        first.Code.ShouldBe(0, first.Error);
        first.Error.ShouldBeEmpty();
        first.Output.Length.ShouldBeGreaterThan(30);
        (await ToolProcess.RunAsync(_cache.Path, args)).ShouldBe(first);
    }

    [Fact]
    public async Task Generate_UnknownModel_ExitsWithTwoAndOneLine() =>
        (await ToolProcess.RunAsync(_cache.Path, ["generate", "Once", "--model", "absent"])).ShouldBeCallersFault()
            .ShouldContain("'absent'");
}
