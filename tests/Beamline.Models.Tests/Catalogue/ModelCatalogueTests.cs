using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Catalogue;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Catalogue;

public sealed class ModelCatalogueTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Describe_EmbeddedModel_TellsSizesWithoutImporting()
    {
        ModelDescription model = TestModels.Catalogue(_temporary).Describe("tales");

        model.ShouldBe(
            new ModelDescription(
                "tales", "gpt2", "fp32", model.Parameters, KvLayout.Uniform(6, 3, 64), 4096, 512, 0, model.StopIds, model.Hash));
        model.StopIds.ShouldBe([0]);
        model.Parameters.ShouldBe(3_554_304);
        model.Hash.Length.ShouldBe(32);
        Directory.Exists(_temporary.PathOf("cache")).ShouldBeFalse();
    }

    [Fact]
    public void Open_SecondTime_ReusesTheEntry()
    {
        CachedModel first = TestModels.Catalogue(_temporary).Open("tales");
        DateTime written = File.GetLastWriteTimeUtc(first.GraphPath);

        CachedModel second = TestModels.Catalogue(_temporary).Open("tales");

        second.Folder.ShouldBe(first.Folder);
        second.Description.Hash.ShouldBe(TestModels.Catalogue(_temporary).Describe("tales").Hash);
        File.GetLastWriteTimeUtc(second.GraphPath).ShouldBe(written);
        int[] ids = TestModels.Catalogue(_temporary).LoadTokenizer("tales").Encode("Once upon a time");
        second.LoadTokenizer().Encode("Once upon a time").ShouldBe(ids);
        CacheShouldHold(entries: 1);
    }

    [Theory]
    [InlineData("tales", "tales")]
    [InlineData("tales@fp32", "tales")]
    [InlineData("tales@int8", "tales@int8")]
    [InlineData("absent", null)]
    [InlineData("Tales", null)]
    [InlineData("../models/tales", null)]
    [InlineData(".", null)]
    [InlineData("..", null)]
    public void Find_KnowsNamesOnly(string name, string? expected) => TestModels.Catalogue(_temporary).Find(name).ShouldBe(expected);

    [Fact]
    public void Find_APathOfAWholeModel_IsNone_NorAFolderOfThatNameHere()
    {
        string folder = _temporary.PathOf("mine");
        RandomGpt2.Tiny.Write(folder);
        ModelCatalogue catalogue = TestModels.Catalogue(_temporary);
        catalogue.Describe(folder).Name.ShouldBe(folder);
        catalogue.Find(folder).ShouldBeNull();
        catalogue.Find(Path.GetRelativePath(Environment.CurrentDirectory, folder)).ShouldBeNull();

        catalogue.Open($"{folder}@int8");       // imported: from now on it has a name, in this precision
        catalogue.Find("mine@int8").ShouldBe("mine@int8");
        catalogue.Find("mine").ShouldBeNull();
    }

    [Theory]
    [InlineData("graph.onnx.data", true)]
    [InlineData("graph.onnx", false)]
    [InlineData("tokenizer.json", false)]
    [InlineData("beamline.json", true)]
    public void Open_DamagedEntry_IsReplaced(string file, bool truncate)
    {
        string path = Path.Combine(TestModels.Catalogue(_temporary).Open("tales").Folder, file);
        byte[] whole = File.ReadAllBytes(path), damaged = truncate ? whole[..(whole.Length / 2)] : [.. whole];
        if (!truncate) damaged[whole.Length / 2] ^= 1;
        File.WriteAllBytes(path, damaged);

        TestModels.Catalogue(_temporary).Open("tales");

        File.ReadAllBytes(path).ShouldBe(whole);
        CacheShouldHold(entries: 1);
    }

    [Fact]
    public void Open_FolderByPath_ThenByNameOfTheImported()
    {
        string folder = TestModels.Copy(TestModels.Tales, _temporary);
        string renamed = _temporary.PathOf("mine");
        Directory.Move(folder, renamed);
        ModelCatalogue catalogue = TestModels.Catalogue(_temporary);
        CachedModel byPath = catalogue.Open(renamed);
        byPath.Description.Name.ShouldBe(renamed);
        Directory.Delete(renamed, recursive: true);

        catalogue.GetNames().ShouldBe(["tales", "mine"]);
        CachedModel byName = catalogue.Open("mine");
        byName.Folder.ShouldBe(byPath.Folder);
        byName.Description.ShouldBe(byPath.Description with { Name = "mine", StopIds = byName.Description.StopIds });
        catalogue.Describe("mine").Hash.ShouldBe(byPath.Description.Hash);
        catalogue.LoadTokenizer("mine").VocabularySize.ShouldBe(4096);
    }

    [Fact]
    public void Open_SourceChanged_IsImportedAnew()
    {
        string folder = TestModels.Copy(TestModels.Tales, _temporary);
        ModelCatalogue catalogue = TestModels.Catalogue(_temporary);
        CachedModel before = catalogue.Open(folder);
        File.AppendAllText(Path.Combine(folder, "generation_config.json"), " ");

        CachedModel after = catalogue.Open(folder);

        after.Folder.ShouldNotBe(before.Folder);
        after.Description.Hash.ShouldNotBe(before.Description.Hash);
    }

    [Theory]
    [InlineData("tails", "model_not_found", "Known: tales")]
    [InlineData("tales@int3", "invalid_request", "fp32, fp16, int8, int4, w8a8")]
    [InlineData("", "invalid_request", "a name, or the path")]
    [InlineData("./no/such/folder", "model_not_found", "./no/such/folder")]
    [InlineData("/", "invalid_model", "config.json")]
    public void Open_WrongName_SaysWhatIsAllowed(string name, string code, string part)
    {
        ModelCatalogue catalogue = TestModels.Catalogue(_temporary);
        foreach (Action call in (Action[])[() => catalogue.Open(name), () => catalogue.Describe(name), () => catalogue.LoadTokenizer(name)])
        {
            BeamlineError error = Should.Throw<BeamlineException>(call).Error;
            error.Code.Value.ShouldBe(code);
            error.Message.ShouldContain(part);
            error.Message.ShouldNotContain("\n");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(10_000_000)]
    [InlineData(14_500_000)]
    public void Open_DiskFull_NamedErrorAndNothingLeft(long room)
    {
        ModelCatalogue catalogue = new(new ModelCatalogueOptions { CacheFolder = _temporary.PathOf("cache") }, new FullDisk(room).Create);

        BeamlineError error = Should.Throw<BeamlineException>(() => catalogue.Open("tales")).Error;

        error.Code.ShouldBe(BeamlineErrorCode.Storage);
        error.Message.ShouldContain("No space left on device");
        error.Message.ShouldContain("BEAMLINE_CACHE");
        CacheShouldHold(entries: 0);
        TestModels.Catalogue(_temporary).Open("tales");
    }

    [Fact]
    public void Open_CacheFolderIsAFile_NamedError()
    {
        File.WriteAllText(_temporary.PathOf("cache"), "");

        BeamlineError error = Should.Throw<BeamlineException>(() => TestModels.Catalogue(_temporary).Open("tales")).Error;

        error.Code.ShouldBe(BeamlineErrorCode.Storage);
        error.Message.ShouldContain(_temporary.PathOf("cache"));
    }

    [Fact]
    public void Open_ImportKilledHalfWay_LeftoversAreRemoved()
    {
        string work = Path.Combine(_temporary.PathOf("cache"), ".import-0123");
        Directory.CreateDirectory(work);
        File.WriteAllText(Path.Combine(work, "graph.onnx"), "half");
        File.WriteAllText($"{work}.lock", "");

        TestModels.Catalogue(_temporary).Open("tales");

        CacheShouldHold(entries: 1);
    }

    [Fact]
    public void Open_ImportOfAnotherAtWork_IsLeftAlone()
    {
        string work = Path.Combine(_temporary.PathOf("cache"), ".import-0123");
        Directory.CreateDirectory(work);
        using FileStream alive = new($"{work}.lock", FileMode.CreateNew, FileAccess.Write, FileShare.None);

        TestModels.Catalogue(_temporary).Open("tales");

        Directory.Exists(work).ShouldBeTrue();
    }

    [Fact]
    public async Task Open_ManyAtOnce_AllGetTheOneEntry()
    {
        using Barrier start = new(4);
        string[] folders = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                ModelCatalogue catalogue = TestModels.Catalogue(_temporary);
                start.SignalAndWait();
                return catalogue.Open("tales").Folder;
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        folders.Distinct().Count().ShouldBe(1);
        CacheShouldHold(entries: 1);
    }

    private void CacheShouldHold(int entries)
    {
        string cache = _temporary.PathOf("cache");
        IEnumerable<string> paths = Directory.Exists(cache) ? Directory.EnumerateFileSystemEntries(cache) : [];
        string[] names = [.. paths.Select(path => Path.GetFileName(path)).Where(name => name != ".lock")];
        names.Length.ShouldBe(entries, string.Join(", ", names));
    }
}
