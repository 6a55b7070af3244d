using Beamline.Testing;

namespace Beamline.Cli.Tests.Processes;

/// <summary>What the tool leaves behind on a machine: the cache and nothing else, neither of its own nor of a dependency.</summary>
public sealed class FootprintTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_OfEveryKind_WriteIntoTheCacheAlone()
    {
        string home = Folder("home"), temporary = Folder("tmp"), cache = Folder("cache");
        (string, string)[] environment = [("HOME", home), ("TMPDIR", temporary), ("XDG_CACHE_HOME", Path.Combine(home, "xdg"))];
        string[][] calls =
        [
            ["generate", "Once", "--max-new-tokens", "4", "--model", "tales@int8"],
            ["compare", "Once", "--max-new-tokens", "4"],
            ["models"],
            ["tokenize", "Once"],
            ["generate", "Once", "--temperature", "-1"],
        ];
        foreach (string[] call in calls)
        {
            await ToolProcess.RunAsync(cache, call, environment);
            Contents(home).ShouldBeEmpty(string.Join(' ', call));
            Contents(temporary).ShouldBeEmpty(string.Join(' ', call));
        }
        Directory.EnumerateDirectories(cache).Select(Path.GetFileName).ShouldAllBe(name => name!.StartsWith("tales-"));
        Directory.EnumerateFiles(cache).Select(Path.GetFileName).ShouldAllBe(name => name == ".lock");
    }

    private static IEnumerable<string> Contents(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories);

    private string Folder(string name) => Directory.CreateDirectory(_folder.PathOf(name)).FullName;
}
