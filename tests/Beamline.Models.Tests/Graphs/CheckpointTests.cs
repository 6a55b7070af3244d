using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Catalogue;
using Beamline.Models.Families;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Graphs;

/// <summary>Every reference checkpoint either gives the expected logits and ids, or is refused by its family's name.</summary>
public sealed class CheckpointTests
{
    public static TheoryData<string> Folders => [.. Directory.EnumerateDirectories(ReferenceData.Checkpoints.Folder)
        .Where(folder => File.Exists(Path.Combine(folder, "expected.json")))
        .Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Families_OfTheDocumentation_AreThere() => ModelFamilies.Types.ShouldBe(["gpt2"]);

    [Theory]
    [MemberData(nameof(Folders))]
    public void Checkpoint_Imported_GivesExpectedLogitsOrIsRefusedByName(string name)
    {
        using TemporaryFolder temporary = new();
        string folder = ReferenceData.Checkpoints.PathOf(name);
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")));
        string type = config.RootElement.GetProperty("model_type").GetString()!;
        if (!ModelFamilies.Types.Contains(type))
        {
            BeamlineError error = Should.Throw<BeamlineException>(() => TestModels.Catalogue(temporary).Open(folder)).Error;
            error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
            error.Message.ShouldContain($"model_type is {type}");
            return;
        }
        CachedModel model = TestModels.Catalogue(temporary).Open(folder);
        using GraphRunner runner = new(model.GraphPath, model.Description);
        ExpectedLogits.Read(Path.Combine(folder, "expected.json")).ShouldHold(runner);
    }
}
