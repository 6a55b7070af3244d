using Beamline.Abstractions.Errors;
using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Cache;

/// <summary>Sources that somebody changes while they are imported: a named error, nothing in the cache, and the process lives.</summary>
public sealed class ChangedSourceTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    private string Source => _temporary.PathOf("source");

    private string Weights => _temporary.PathOf("source", "model.safetensors");

    private string Cache => _temporary.PathOf("cache");

    public static TheoryData<WeightPrecision> Precisions => [.. Enum.GetValues<WeightPrecision>()];

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Import_WeightsCutShortMeanwhile_NamesFileAndTensor(WeightPrecision precision)
    {
        RandomGpt2.Tiny.Write(Source);

        BeamlineError error = OpenWhile(() => SourceFile.Halve(Weights), precision);

        error.Message.ShouldStartWith($"{Weights}: tensor ");
        error.Message.ShouldContain("ended early");
    }

    [Fact]
    public void Import_WeightsChangedOrDeletedMeanwhile_IsNamed()
    {
        foreach (Action<string> change in (Action<string>[])[SourceFile.TurnAByte, File.Delete])
        {
            RandomGpt2.Tiny.Write(Source);

            BeamlineError error = OpenWhile(() => change(Weights), WeightPrecision.Fp32);

            error.Message.ShouldBe($"{Source}: changed while it was imported; try again");
        }
    }

    [Fact]
    public async Task Process_WeightsCutShortMeanwhile_LivesAndTells()
    {
        RandomGpt2.Tiny.Write(Source);
        using ChildProcess child = ChildProcess.Start(
            $"{typeof(ImportChild).FullName}.{nameof(ImportChild.OpensASourceThatIsCutShort)}",
            (ImportChild.CacheVariable, Cache),
            (ImportChild.ModelVariable, Source));
        await child.WaitForAsync(ImportChild.Stalled, TestContext.Current.CancellationToken);
        SourceFile.Halve(Weights);

        await child.GoOnAsync();

        string output = await child.RunToEndAsync(TestContext.Current.CancellationToken);
        output.ShouldContain("ended early");
        Directory.EnumerateDirectories(Cache).ShouldBeEmpty();
    }

    private BeamlineError OpenWhile(Action change, WeightPrecision precision)
    {
        ModelCatalogue catalogue = new(new ModelCatalogueOptions { CacheFolder = Cache }, path =>
        {
            if (path.EndsWith(".data", StringComparison.Ordinal)) change();
            return new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        });
        BeamlineError error = Should.Throw<BeamlineException>(() => catalogue.Open($"{Source}@{precision.Name()}")).Error;
        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldNotContain("\n");
        Directory.EnumerateDirectories(Cache).ShouldBeEmpty();
        return error;
    }
}
