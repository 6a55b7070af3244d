using System.Text.Json.Nodes;
using Beamline.Models.Cache;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Cache;

/// <summary>Entries of older versions go when nobody has used them for long; all others stay.</summary>
public sealed class OutdatedEntriesTests : IDisposable
{
    private static readonly DateTime LongAgo = DateTime.UtcNow.AddDays(-31), Lately = DateTime.UtcNow.AddDays(-29);

    private readonly TemporaryFolder _temporary = new();

    public OutdatedEntriesTests() => RandomGpt2.Tiny.Write(Source);

    private string Source => _temporary.PathOf("mine");

    private string Other => _temporary.PathOf("other");

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Import_EntryThatNobodyUsed_GoesWhenItsVersionIsOlder(int newer, bool stays)
    {
        string entry = Import(DecoderGraph.FormatVersion + newer);
        SetTimes(entry, LongAgo);

        ImportAnother();

        Directory.Exists(entry).ShouldBe(stays);
        Directory.EnumerateDirectories(_temporary.PathOf("cache"), ".*").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("graph.onnx.data", true)]       // read by a version that notes nothing
    [InlineData("beamline.json", false)]        // read by whoever looks for an entry
    [InlineData("stamps.json", false)]
    public void Import_OutdatedEntry_StaysWhenItsFilesWereReadLately(string file, bool stays)
    {
        string entry = Import(DecoderGraph.FormatVersion - 1);
        SetTimes(entry, LongAgo);
        File.SetLastAccessTimeUtc(Path.Combine(entry, file), Lately);

        ImportAnother();

        Directory.Exists(entry).ShouldBe(stays);
    }

    [Fact]
    public void Import_OutdatedEntry_StaysWhenItsUseWasNotedLately()
    {
        string entry = Import(DecoderGraph.FormatVersion - 1);
        SetTimes(entry, LongAgo);
        File.SetLastWriteTimeUtc(Path.Combine(entry, EntryStamps.FileName), Lately);

        ImportAnother();

        Directory.Exists(entry).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"format_version": 0}""", false)]
    [InlineData("""{"format_version": 0, "new_field": [1], "name": 7}""", false)]
    [InlineData("""{"format_version": "0"}""", true)]
    [InlineData("""{"format_version": 99999999999}""", true)]
    [InlineData("""{}""", true)]
    [InlineData("""[]""", true)]
    [InlineData("""{""", true)]
    public void Import_ManifestsOfOtherForms_GoWhenTheyTellAnOlderVersion(string manifest, bool stays)
    {
        string entry = Import(DecoderGraph.FormatVersion);
        File.WriteAllText(Path.Combine(entry, EntryManifest.FileName), manifest);
        SetTimes(entry, LongAgo);

        ImportAnother();

        Directory.Exists(entry).ShouldBe(stays);
    }

    [Fact]
    public void Open_AnEntryInUse_LooksForOutdatedOnesOnceADay()
    {
        string used = ImportAnother(), outdated = Import(DecoderGraph.FormatVersion - 1);
        SetTimes(outdated, LongAgo);
        TestModels.Catalogue(_temporary).Open(Other).Folder.ShouldBe(used);
        Directory.Exists(outdated).ShouldBeTrue();
        File.SetLastWriteTimeUtc(Path.Combine(used, EntryStamps.FileName), DateTime.UtcNow.AddDays(-2));
        // Somebody renames: he is not waited for, and it is another day's work.
        using (new FileStream(_temporary.PathOf("cache", ".lock"), FileMode.Open, FileAccess.Write, FileShare.None))
        {
            TestModels.Catalogue(_temporary).Open(Other);
            Directory.Exists(outdated).ShouldBeTrue();
        }
        File.SetLastWriteTimeUtc(Path.Combine(used, EntryStamps.FileName), DateTime.UtcNow.AddDays(-2));

        TestModels.Catalogue(_temporary).Open(Other);

        Directory.Exists(outdated).ShouldBeFalse();
        (DateTime.UtcNow - File.GetLastWriteTimeUtc(Path.Combine(used, EntryStamps.FileName))).ShouldBeLessThan(TimeSpan.FromDays(1));
    }

    [Fact]
    public void Open_FoldersThatAreNoEntries_AreLeftAlone()
    {
        string locks = _temporary.PathOf("cache", "locks");
        Directory.CreateDirectory(locks);
        File.WriteAllText(Path.Combine(locks, "cpu-0"), "");
        SetTimes(locks, LongAgo);

        ImportAnother();

        File.Exists(Path.Combine(locks, "cpu-0")).ShouldBeTrue();
    }

    private string Import(int formatVersion)
    {
        string folder = TestModels.Catalogue(_temporary).Open(Source).Folder, manifest = Path.Combine(folder, EntryManifest.FileName);
        JsonNode root = JsonNode.Parse(File.ReadAllText(manifest))!;
        root["format_version"] = formatVersion;
        File.WriteAllText(manifest, root.ToJsonString());
        return folder;
    }

    private string ImportAnother()
    {
        (RandomGpt2.Tiny with { Seed = 2 }).Write(Other);
        return TestModels.Catalogue(_temporary).Open(Other).Folder;
    }

    private static void SetTimes(string folder, DateTime time)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.SetLastWriteTimeUtc(file, time);
            File.SetLastAccessTimeUtc(file, time);
        }
    }
}
