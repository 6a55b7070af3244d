using Beamline.Models.Catalogue;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Cache;

/// <summary>Real processes on one cache: several that import at once, and one that is killed in the middle of it.</summary>
public sealed class ImportProcessTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task ThreeProcesses_ImportAtOnce_AllSucceedWithOneEntry()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        ChildProcess[] children = [.. Enumerable.Range(0, 3).Select(_ => Start())];

        await Task.WhenAll(children.Select(child => child.RunToEndAsync(cancellation)));

        foreach (ChildProcess child in children) child.Dispose();
        Entries().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Process_KilledInTheMiddleOfAnImport_LeavesNothingThatIsUsed()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        using (ChildProcess child = Start((ImportChild.StallVariable, "1"))) await child.KillAtAsync(ImportChild.Stalled, cancellation);
        Entries().ShouldHaveSingleItem().ShouldStartWith(".import-");

        CachedModel model = TestModels.Catalogue(_temporary).Open("tales");

        Entries().ShouldBe([Path.GetFileName(model.Folder)]);
        using GraphRunner runner = new(model.GraphPath, model.Description);
        runner.Prefill([1, 2, 3]).Length.ShouldBe(3);
    }

    private ChildProcess Start(params (string Name, string Value)[] variables)
    {
        string method = $"{typeof(ImportChild).FullName}.{nameof(ImportChild.OpensTales)}";
        return ChildProcess.Start(method, [(ImportChild.CacheVariable, _temporary.PathOf("cache")), .. variables]);
    }

    private string[] Entries() => [.. Directory.EnumerateDirectories(_temporary.PathOf("cache")).Select(path => Path.GetFileName(path))];
}
