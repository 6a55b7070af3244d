using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;
using Beamline.Testing;

namespace Beamline.Engine.Tests.Sessions;

/// <summary>Graphs that cannot be served are refused when they are opened, by name.</summary>
public sealed class OnnxLoaderTests
{
    private static readonly ModelDescription Model = new("wrong", "gpt2", "fp32", 1000, KvLayout.Uniform(2, 4, 8), 131, 128, null, [], "");

    [Fact]
    public void FileThatIsNoGraph_NamedError()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "graph.onnx");
        File.WriteAllText(path, "This is no graph.");

        BeamlineError error = Refusal(path, Model);

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldContain(path);
        error.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void GraphOfAnotherForm_ErrorNamesWhatItLacks()
    {
        string path = ReferenceData.Onnx.PathOf("optimum-gpt2-with-past", "model.onnx");
        Assert.SkipUnless(File.Exists(path), "optimum-gpt2-with-past is not in the reference data at hand");

        BeamlineError error = Refusal(path, Model);

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldContain("input seqlens_k");
        error.Message.ShouldContain("input logits_index");
    }

    [Fact]
    public void GraphOfOtherSizes_ErrorNamesTheInput()
    {
        string path = ReferenceData.Onnx.PathOf("beamline-gpt2-fp32", "graph.onnx");
        Assert.SkipUnless(File.Exists(path), "beamline-gpt2-fp32 is not in the reference data at hand");

        Refusal(path, Model with { Kv = KvLayout.Uniform(99, 4, 8) }).Message.ShouldContain("past_key_values.98.key");
        Refusal(path, Model with { Kv = KvLayout.Uniform(2, 4, 40) }).Message.ShouldContain("past_key_values.0.key");
    }

    [Fact]
    public void GraphForAnOpsetThatDoesNotExist_NamedError()
    {
        string path = ReferenceData.Onnx.PathOf("beamline-gpt2-fp32", "graph.onnx");
        Assert.SkipUnless(File.Exists(path), "beamline-gpt2-fp32 is not in the reference data at hand");
        using TemporaryFolder folder = new();
        string changed = Path.Combine(folder.Path, "graph.onnx");
        // A second declaration of the default domain's version, appended: opset_import is field 8, its version field 2.
        File.WriteAllBytes(changed, [.. File.ReadAllBytes(path), 0x42, 0x03, 0x10, 0xE7, 0x07]);
        File.Copy(path + ".data", changed + ".data");

        Refusal(changed, Model).Code.ShouldBe(BeamlineErrorCode.InvalidModel);
    }

    [Fact]
    public void NoMemoryForKv_NamedSetting()
    {
        BeamlineException refusal = Should.Throw<BeamlineException>(() => KvBudget.Choose(Model, new() { KvBytes = 1 }, 0, long.MaxValue));

        refusal.Error.Code.ShouldBe(BeamlineErrorCode.InvalidConfiguration);
        refusal.Error.Message.ShouldContain("KvBytes");
    }

    private static BeamlineError Refusal(string path, ModelDescription model)
    {
        OnnxLoader loader = new(path, model, threads: 1);
        return Should.Throw<BeamlineException>(() => loader.Load().Dispose()).Error;
    }
}
