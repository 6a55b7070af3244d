using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Configs;
using Beamline.Models.Families;
using Beamline.Models.Safetensors;
using Beamline.Models.Tests.Support;
using Beamline.Models.Weights;
using Beamline.Testing;

namespace Beamline.Models.Tests.Safetensors;

/// <summary>Every damaged folder of the reference cases gives one error of one line that names file and fault.</summary>
public sealed class MalformedCheckpointTests
{
    private const string Folder = "malformed";

    public static TheoryData<string> Weights => CasesOf("safetensors", "index", "folder");

    public static TheoryData<string> Configs => CasesOf("config");

    [Theory]
    [MemberData(nameof(Weights))]
    public void Weights_Malformed_NamedError(string name)
    {
        BeamlineError error = Should.Throw<BeamlineException>(() => ReadAll(name)).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        ShouldName(error, WordsOf(name));
    }

    [Theory]
    [MemberData(nameof(Configs))]
    public void Config_Malformed_NamedErrorOrFamilyRefused(string name)
    {
        BeamlineError error = Should.Throw<BeamlineException>(() =>
        {
            ConfigReader json = ConfigReader.Open(ReferenceData.Checkpoints.PathOf(Folder, name, "config.json"));
            ModelFamilies.Of(json).ReadConfig(json);
            json.ThrowIfFaulty();
        }).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        // A fault inside a family that is refused as a whole does not come up.
        bool refused = error.Message.Contains("model_type is", StringComparison.Ordinal);
        ShouldName(error, refused ? ["config.json", "model_type"] : WordsOf(name));
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Folder_Malformed_LeavesNothingInTheCache(string name)
    {
        using TemporaryFolder temporary = new();

        string folder = ReferenceData.Checkpoints.PathOf(Folder, name);
        BeamlineError error = Should.Throw<BeamlineException>(() => TestModels.Catalogue(temporary).Open(folder)).Error;
        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);

        (!Directory.Exists(temporary.PathOf("cache")) || !Directory.EnumerateDirectories(temporary.PathOf("cache")).Any()).ShouldBeTrue();
    }

    [Theory]
    [InlineData("valid-safetensors")]
    [InlineData("valid-sharded")]
    public void Weights_Unbroken_AreReadWhole(string name)
    {
        using SafetensorsCheckpoint checkpoint = SafetensorsCheckpoint.Open(ReferenceData.Checkpoints.PathOf(Folder, name));

        checkpoint.Tensors.Count.ShouldBe(12);
        foreach (SafetensorsTensor tensor in checkpoint.Tensors)
        {
            float[] values = new float[tensor.Count];
            tensor.Read(0, values);
            values.ShouldAllBe(value => float.IsFinite(value));
            values.ShouldContain(value => value != 0);
        }
    }

    // What the config of these folders asks for is what the unbroken one holds.
    private static void ReadAll(string name)
    {
        using SafetensorsCheckpoint whole = SafetensorsCheckpoint.Open(ReferenceData.Checkpoints.PathOf(Folder, "valid-safetensors"));
        using SafetensorsCheckpoint broken = SafetensorsCheckpoint.Open(ReferenceData.Checkpoints.PathOf(Folder, name));
        WeightFinder finder = new(broken);
        foreach (SafetensorsTensor tensor in whole.Tensors) finder.Find(tensor.Name, [.. tensor.Shape]);
        finder.ThrowIfFaulty();
    }

    private static void ShouldName(BeamlineError error, string[] words)
    {
        error.Message.ShouldNotContain("\n");
        foreach (string word in words) error.Message.ShouldContain(word, Case.Insensitive);
    }

    private static TheoryData<string> CasesOf(params string[] kinds) => [.. ReferenceData.Checkpoints.Cases(Folder, "malformed.jsonl")
        .Where(test => kinds.Contains(test.GetProperty("kind").GetString())).Select(test => test.GetProperty("case").GetString()!)];

    private static string[] WordsOf(string name)
    {
        IEnumerable<JsonElement> cases = ReferenceData.Checkpoints.Cases(Folder, "malformed.jsonl");
        JsonElement test = cases.Single(test => test.GetProperty("case").GetString() == name);
        return [.. test.GetProperty("error_names").EnumerateArray().Select(word => word.GetString()!)];
    }
}
