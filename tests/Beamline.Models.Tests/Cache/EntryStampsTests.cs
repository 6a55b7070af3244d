using System.IO.Hashing;
using System.Text.Json.Nodes;
using Beamline.Abstractions.Errors;
using Beamline.Models.Cache;
using Beamline.Models.Catalogue;
using Beamline.Models.Files;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Cache;

/// <summary>Unchanged files are read once; whatever changed is found. A catalogue of its own stands for another process.</summary>
public sealed class EntryStampsTests : IDisposable
{
    private static readonly DateTime LongAgo = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _temporary = new();

    public EntryStampsTests()
    {
        RandomGpt2.Tiny.Write(Source);
        Settle(Source);
    }

    private string Source => _temporary.PathOf("mine");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Open_NothingChanged_ReadsNeitherSourceNorEntry()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "files are kept from being read by a lock");
        string folder = Open().Folder;

        using (Seal(Path.Combine(Source, "model.safetensors")))
        using (Seal(Path.Combine(folder, "graph.onnx.data")))
        {
            Open().Folder.ShouldBe(folder);
            TestModels.Catalogue(_temporary).Open($"{Source}").Description.Hash.ShouldNotBeEmpty();
            TestModels.Catalogue(_temporary).Open("mine").Folder.ShouldBe(folder);
        }
    }

    [Fact]
    public void Open_WithoutStamps_ReadsAllOfBoth_AndRemembersThem()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "files are kept from being read by a lock");
        string folder = Open().Folder, weights = Path.Combine(Source, "model.safetensors"), data = Path.Combine(folder, "graph.onnx.data");
        FileStamp made = FileStamp.Of(data);
        File.Delete(Path.Combine(folder, EntryStamps.FileName));
        using (Seal(weights)) Should.Throw<BeamlineException>(() => Open()).Message.ShouldStartWith($"{weights}: cannot be read");
        // An entry that cannot be read is not whole: it is made anew.
        using (Seal(data)) Open();
        FileStamp anew = FileStamp.Of(data);
        anew.ShouldNotBe(made);
        File.Delete(Path.Combine(folder, EntryStamps.FileName));

        Open();

        FileStamp.Of(data).ShouldBe(anew);
        using (Seal(weights))
        using (Seal(data)) Open().Folder.ShouldBe(folder);
    }

    [Fact]
    public void Open_AnotherPrecision_KnowsTheSource()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "files are kept from being read by a lock");
        Open();
        using (Seal(Path.Combine(Source, "model.safetensors")))
        {
            // The hash is known; to import the weights they would have to be read.
            string message = Should.Throw<BeamlineException>(() => TestModels.Catalogue(_temporary).Open($"{Source}@int8")).Message;
            message.ShouldStartWith(Path.Combine(Source, "model.safetensors"));
        }
        TestModels.Catalogue(_temporary).Describe($"{Source}@int8").Hash.ShouldBe(
            TestModels.Catalogue(_temporary).Open($"{Source}@int8").Description.Hash);
    }

    [Theory]
    [InlineData("model.safetensors", null, null)]
    [InlineData("tokenizer.json", "1.0", "1.1")]
    [InlineData("generation_config.json", "299", "298")]
    public void Open_ABitOfTheSourceChanged_IsFound(string file, string? old, string? changed)
    {
        string hash = Open().Description.Hash, path = Path.Combine(Source, file);
        if (old is null) SourceFile.TurnAByte(path);
        else File.WriteAllText(path, File.ReadAllText(path).Replace(old, changed, StringComparison.Ordinal));

        TestModels.Catalogue(_temporary).Describe(Source).Hash.ShouldNotBe(hash);
        Open().Description.Hash.ShouldNotBe(hash);
    }

    [Fact]
    public void Open_ASourceOfLinks_FollowsThem()
    {
        string links = _temporary.PathOf("links");
        Directory.CreateDirectory(links);
        foreach (string file in Directory.EnumerateFiles(Source))
        {
            File.CreateSymbolicLink(Path.Combine(links, Path.GetFileName(file)), file);
        }
        string hash = TestModels.Catalogue(_temporary).Open(links).Description.Hash;
        hash.ShouldBe(Open().Description.Hash);

        SourceFile.TurnAByte(Path.Combine(Source, "model.safetensors"));

        TestModels.Catalogue(_temporary).Open(links).Description.Hash.ShouldNotBe(hash);
    }

    [Fact]
    public void Open_EntryChangedAndItsTimeSetBack_IsFound()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems do not tell when a time was set");
        string data = Path.Combine(Open().Folder, "graph.onnx.data");
        byte[] whole = File.ReadAllBytes(data);
        DateTime time = File.GetLastWriteTimeUtc(data);
        SourceFile.TurnAByte(data);
        File.SetLastWriteTimeUtc(data, time);

        Open();

        File.ReadAllBytes(data).ShouldBe(whole);
    }

    [Fact]
    public void Open_TwoCopiesOfASource_AreBothKnown()
    {
        string folder = Open().Folder, copy = _temporary.PathOf("other", "mine");
        Directory.CreateDirectory(_temporary.PathOf("other"));
        RandomGpt2.Tiny.Write(copy);
        Settle(copy);

        TestModels.Catalogue(_temporary).Open(copy).Folder.ShouldBe(folder);

        EntryStamps.Read(folder).Sources.Select(source => source.Folder).ShouldBe([copy, Source]);
    }

    [Fact]
    public void With_MoreSourcesThanAreKept_DropsTheOldest()
    {
        EntryStamps stamps = new() { Files = [], Sources = [] };
        for (int i = 0; i < 10; i++) stamps = stamps.With(new($"/{i}", "hash", []));
        stamps = stamps.With(new("/5", "new", []));
        stamps.Sources.Select(source => source.Folder).ShouldBe(["/5", "/9", "/8", "/7", "/6", "/4", "/3", "/2"]);
        stamps.HashOf("/5", []).ShouldBe("new");
        stamps.HashOf("/5", [new FileStamp("a", 1, 1, 1, 1)]).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"files":null,"sources":null}""")]
    [InlineData("""{"files":[null],"sources":[null]}""")]
    [InlineData("""{"files":[],"sources":[{"folder":"x","hash":"y","files":null}]}""")]
    public void Open_DamagedStamps_AreMadeAnew(string json)
    {
        string folder = Open().Folder;
        File.WriteAllText(Path.Combine(folder, EntryStamps.FileName), json);

        Open().Folder.ShouldBe(folder);

        EntryStamps.Read(folder).Files.Length.ShouldBe(4);
    }

    [Theory]
    [InlineData("files")]
    [InlineData("stop_ids")]
    public void Entries_WhoseManifestLacksAList_AreNone(string field)
    {
        string manifest = Path.Combine(Open().Folder, EntryManifest.FileName);
        JsonNode root = JsonNode.Parse(File.ReadAllText(manifest))!;
        root[field] = null;
        File.WriteAllText(manifest, root.ToJsonString());

        TestModels.Catalogue(_temporary).GetNames().ShouldBe(["tales"]);
        Open();
        TestModels.Catalogue(_temporary).GetNames().ShouldBe(["tales", "mine"]);
    }

    // As an import made it that did not look into tokenizers.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_AnEntryMadeBeforeTokenizersWereLookedInto_IsRefused(bool hasSource)
    {
        string folder = Open().Folder, tokenizer = Path.Combine(folder, "tokenizer.json");
        string sources = TokenizerJson.Tiny().SetBase("more", 300).Write(Path.Combine(Source, "tokenizer.json"));
        File.Copy(sources, tokenizer, overwrite: true);
        string hash = TestModels.Catalogue(_temporary).Describe(Source).Hash;
        Change(folder, manifest =>
        {
            manifest["hash"] = hash;
            JsonNode file = manifest["files"]!.AsArray().Single(file => file!["name"]!.GetValue<string>() == "tokenizer.json")!;
            file["bytes"] = new FileInfo(tokenizer).Length;
            file["hash"] = Convert.ToHexStringLower(XxHash128.Hash(File.ReadAllBytes(tokenizer)));
        });
        string entry = _temporary.PathOf("cache", $"mine-fp32-{hash}");
        Directory.Move(folder, entry);
        File.Delete(Path.Combine(entry, EntryStamps.FileName));
        if (!hasSource) Directory.Delete(Source, recursive: true);

        for (int time = 0; time < 2; time++)
        {
            string asked = hasSource ? Source : "mine";
            string message = Should.Throw<BeamlineException>(() => TestModels.Catalogue(_temporary).Open(asked)).Message;
            string named = hasSource ? sources : Path.Combine(entry, "tokenizer.json");
            message.ShouldStartWith($"{named}: model.vocab has 300 tokens up to id 300");
        }
    }

    private CachedModel Open() => TestModels.Catalogue(_temporary).Open(Source);

    private static void Change(string folder, Action<JsonNode> change)
    {
        string path = Path.Combine(folder, EntryManifest.FileName);
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        change(root);
        File.WriteAllText(path, root.ToJsonString());
    }

    // As files are that were not made this very moment.
    private static void Settle(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder)) File.SetLastWriteTimeUtc(file, LongAgo);
    }

    private static FileStream Seal(string path) => new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
}
