using Beamline.Cli.Output;
using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Processes;

/// <summary>A cache folder that cannot be written, and outputs that cannot.</summary>
public sealed class StorageTests : IDisposable
{
    private static readonly string[] Generate = ["generate", "Once", "--max-new-tokens", "2"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Generate_FileSizeIsLimited_IsOneLineAndLeavesNothing()
    {
        // A write beyond 2 MiB fails half-way, as on a full disk. The limit's own signal would kill the process, and the runtime's
        // double mapping of code is a file of two gigabytes to the limit.
        CliRun run = await ShellAsync("trap '' XFSZ; ulimit -f 2048; DOTNET_EnableWriteXorExecute=0 exec \"$@\"");
        ShouldBeOurFault(run).ShouldContain("cannot be written");
        Directory.EnumerateFileSystemEntries(_folder.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Generate_FullDisk_IsOneLineAndLeavesNothing()
    {
        CliRun mount = await ShellAsync("unshare -m mount -t tmpfs -o size=2m tmpfs \"$BEAMLINE_CACHE\"");
        Assert.SkipUnless(mount.Code == 0, "A disk of 2 MiB needs the right to mount one.");
        // The disk exists for this shell alone, so it has to look itself.
        const string script = """
            mount -t tmpfs -o size=2m tmpfs "$BEAMLINE_CACHE"; "$@"; code=$?; ls -A "$BEAMLINE_CACHE"; exit $code
            """;
        CliRun run = await ShellAsync($"exec unshare -m sh -c '{script}' sh \"$@\"");
        ShouldBeOurFault(run).ShouldContain("No space left on device");
    }

    [Fact]
    public async Task Generate_CacheIsAFile_IsOneLine()
    {
        string file = _folder.PathOf("file");
        File.WriteAllText(file, "");
        ShouldBeOurFault(await ToolProcess.RunAsync(Path.Combine(file, "cache"), Generate)).ShouldContain("BEAMLINE_CACHE");
    }

    [Theory]
    [InlineData("models")]
    [InlineData("tokenize", "Once")]
    [InlineData("generate", "Once", "--max-new-tokens", "2")]
    public async Task Output_CannotBeWritten_IsOneLine(params string[] args)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "This system has no device that is always full.");
        ShouldBeOurFault(await ShellAsync("exec \"$@\" > /dev/full", args)).ShouldContain("No space left on device");
    }

    private async Task<CliRun> ShellAsync(string script, string[]? args = null)
    {
        using ToolProcess shell = ToolProcess.StartCommand(
            ["bash", "-c", script, "bash", .. ToolProcess.Command, .. args ?? Generate], ("BEAMLINE_CACHE", _folder.Path));
        return await shell.EndAsync();
    }

    private static string ShouldBeOurFault(CliRun run)
    {
        run.Code.ShouldBe(ExitCodes.OurFault, run.Error);
        run.Output.ShouldBeEmpty();
        run.Error.ShouldStartWith("beamline: ");
        run.Error.TrimEnd('\n').ShouldNotContain('\n');
        return run.Error;
    }
}
