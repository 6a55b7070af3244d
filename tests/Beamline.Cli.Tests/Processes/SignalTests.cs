using Beamline.Cli.Output;
using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Processes;

/// <summary>Ctrl-C and other ends that come from outside.</summary>
public sealed class SignalTests : IDisposable
{
    // Without a stop id and at the context's length there is time to interrupt it.
    private static readonly string[] LongRun = ["generate", "Once upon a time", "--eos-token-id", "[]", "--num-beams", "32"];

    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Interrupt_WhileTextComes_EndsItsLineAndSaysNothing()
    {
        using ToolProcess tool = ToolProcess.Start(_cache.Path, ["generate", "Once upon a time", "--eos-token-id", "[]"]);
        tool.Output.Read().ShouldBe(',');
        tool.Signal(ToolProcess.Interrupt);
        CliRun run = await tool.EndAsync();
        run.Code.ShouldBe(ExitCodes.Interrupted, run.Error);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldEndWith("\n");
    }

    [Fact]
    public async Task Interrupt_BeforeTheEndOfASearch_PrintsNothing()
    {
        using ToolProcess tool = ToolProcess.Start(_cache.Path, LongRun);
        await UntilCachedAsync();
        tool.Signal(ToolProcess.Interrupt);
        (await tool.EndAsync()).ShouldBe(new CliRun(ExitCodes.Interrupted, "", ""));
        await ShouldWorkAsync();
    }

    [Fact]
    public async Task Kill_InAnyState_LeavesACacheThatWorks()
    {
        using (ToolProcess tool = ToolProcess.Start(_cache.Path, LongRun))
        {
            await UntilCachedAsync();
        }
        await ShouldWorkAsync();
    }

    private async Task ShouldWorkAsync() =>
        (await ToolProcess.RunAsync(_cache.Path, ["generate", "Once upon a time", "--max-new-tokens", "2"]))
            .ShouldBe(new CliRun(0, ", there\n", ""));

    // The first sign of life from outside: something of the import appears in the cache.
    private async Task UntilCachedAsync()
    {
        using FileSystemWatcher watcher = new(_cache.Path);
        TaskCompletionSource appeared = new(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, _) => appeared.TrySetResult();
        watcher.EnableRaisingEvents = true;
        if (Directory.EnumerateFileSystemEntries(_cache.Path).Any()) return;
        await appeared.Task.WaitAsync(TestContext.Current.CancellationToken);
    }
}
