using Beamline.Abstractions.Workers;
using Beamline.Models.Configs;
using Beamline.Models.Families;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Models.Weights;
using Beamline.Testing;

namespace Beamline.Models.Tests.Graphs;

/// <summary>Graphs of the same form made by other means: same weights in, same numbers out.</summary>
public sealed class ReferenceGraphTests
{
    [Theory]
    [InlineData("beamline-gpt2-fp32", WeightPrecision.Fp32)]
    [InlineData("beamline-gpt2-int8", WeightPrecision.Int8)]
    public void Graph_BuiltFromReferenceWeights_GivesItsLogits(string folder, WeightPrecision precision)
    {
        using TemporaryFolder temporary = new();
        ConfigReader json = ConfigReader.Open(ReferenceData.Onnx.PathOf(folder, "config.json"));
        IModelFamily family = ModelFamilies.Of(json);
        DecoderConfig config = family.ReadConfig(json);
        // The quantised reference was made from the weights of the fp32 one.
        using OnnxCheckpoint checkpoint = new(ReferenceData.Onnx.PathOf("beamline-gpt2-fp32", "graph.onnx"));
        WeightFinder finder = new(checkpoint);
        DecoderWeights weights = family.FindWeights(config, finder);
        finder.ThrowIfFaulty();
        using (FileStream graph = File.Create(temporary.PathOf("graph.onnx")))
        {
            DecoderGraph.Write(config, weights, precision, graph, File.Create(temporary.PathOf("graph.onnx.data")), "graph.onnx.data");
        }
        using GraphRunner runner = new(temporary.PathOf("graph.onnx"), Describe(config));
        ExpectedLogits.Read(ReferenceData.Onnx.PathOf(folder, "expected.json")).ShouldHold(runner);
    }

    private static ModelDescription Describe(DecoderConfig config) => new(
        "",
        config.Family,
        "",
        0,
        KvLayout.Uniform(config.Layers, config.KvHeads, config.HeadSize),
        config.VocabularySize,
        config.ContextLength,
        BosTokenId: null, StopIds: [], Hash: "");
}
