using Beamline.Abstractions.Errors;
using Beamline.Models.Configs;
using Beamline.Models.Families;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Configs;

public sealed class Gpt2ConfigTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Read_OnlyTheType_GivesTheDefaultsOfTheReference()
    {
        DecoderConfig config = Read("""{"model_type":"gpt2"}""");

        (config.VocabularySize, config.ContextLength, config.Width, config.Layers, config.Heads).ShouldBe((50257, 1024, 768, 12, 12));
        (config.InnerWidth, config.HeadSize, config.KvHeads, config.TiedHead).ShouldBe((3072, 64, 12, true));
        (config.NormEpsilon, config.Activation).ShouldBe((1e-5f, Activation.GeluTanh));
        config.AttentionScales.ShouldBe(Enumerable.Repeat(0.125f, 12));
    }

    [Fact]
    public void Read_Switches_ChangeTheScales()
    {
        Read("""{"model_type":"gpt2","n_layer":3,"scale_attn_by_inverse_layer_idx":true}""")
            .AttentionScales.ShouldBe([0.125f, 0.125f / 2, 0.125f / 3]);
        Read("""{"model_type":"gpt2","n_layer":2,"scale_attn_weights":false}""").AttentionScales.ShouldBe([1f, 1f]);
    }

    [Fact]
    public void Read_NamesOfOtherFamilies_MeanTheSame()
    {
        const string Json = """
            {"model_type":"gpt2","hidden_size":64,"num_attention_heads":2,"num_hidden_layers":1,"max_position_embeddings":99,"n_inner":null}
            """;
        DecoderConfig config = Read(Json);

        (config.Width, config.Heads, config.Layers, config.ContextLength, config.InnerWidth).ShouldBe((64, 2, 1, 99, 256));
    }

    [Theory]
    [InlineData("\"n_embd\":100,\"n_head\":3", "n_embd", "n_head")]
    [InlineData("\"n_embd\":60,\"n_head\":5", "12", "multiples of 8")]
    [InlineData("\"n_layer\":0", "n_layer", "0")]
    [InlineData("\"n_layer\":1000000000", "n_layer", "1000000000")]
    [InlineData("\"n_layer\":-1", "n_layer", "-1")]
    [InlineData("\"n_layer\":1.5", "n_layer", "1.5")]
    [InlineData("\"n_layer\":\"12\"", "n_layer", "12")]
    [InlineData("\"n_positions\":0", "n_positions", "0")]
    [InlineData("\"vocab_size\":99999999999", "vocab_size", "99999999999")]
    [InlineData("\"activation_function\":\"swishy\"", "activation_function", "swishy")]
    [InlineData("\"layer_norm_epsilon\":0", "layer_norm_epsilon", "0")]
    [InlineData("\"tie_word_embeddings\":\"yes\"", "tie_word_embeddings", "yes")]
    [InlineData("\"add_cross_attention\":true", "add_cross_attention", "True")]
    [InlineData("\"quantization_config\":{\"quant_method\":\"gptq\"}", "quantization_config", "gptq")]
    [InlineData("\"eos_token_id\":\"end\"", "eos_token_id", "end")]
    public void Read_FieldOutOfRange_IsNamedWithItsValue(string field, string name, string value)
    {
        BeamlineError error = Should.Throw<BeamlineException>(() => Read($$"""{"model_type":"gpt2",{{field}}}""")).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldContain("config.json");
        error.Message.ShouldContain(name);
        error.Message.ShouldContain(value);
    }

    [Fact]
    public void Read_SeveralFaults_AreToldTogether()
    {
        BeamlineError error = Should.Throw<BeamlineException>(
            () => Read("""{"model_type":"gpt2","n_layer":0,"vocab_size":0,"activation_function":"swishy"}""")).Error;

        foreach (string name in (string[])["n_layer", "vocab_size", "swishy"]) error.Message.ShouldContain(name);
    }

    [Theory]
    [InlineData("{}", "model_type is missing")]
    [InlineData("[]", "no JSON object")]
    [InlineData("{\"model_type\":7}", "model_type is 7")]
    [InlineData("{\"model_type\":", "not valid JSON")]
    public void Read_NoConfig_IsNamed(string json, string part) =>
        Should.Throw<BeamlineException>(() => Read(json)).Message.ShouldContain(part);

    [Theory]
    [InlineData("{\"eos_token_id\":[3,1,3],\"bos_token_id\":2}", "[3,1]", 2)]
    [InlineData("{\"eos_token_id\":null}", "[9]", 8)]
    [InlineData(null, "[9]", 8)]
    public void SpecialIds_GenerationConfig_ComesFirst(string? generation, string stops, int bos)
    {
        File.WriteAllText(_temporary.PathOf("config.json"), """{"model_type":"gpt2","eos_token_id":9,"bos_token_id":8}""");
        if (generation is not null) File.WriteAllText(_temporary.PathOf("generation_config.json"), generation);

        SpecialIds ids = SpecialIds.Read(_temporary.Path, ConfigReader.Open(_temporary.PathOf("config.json")));

        $"[{string.Join(",", ids.Stops)}]".ShouldBe(stops);
        ids.Bos.ShouldBe(bos);
    }

    private DecoderConfig Read(string json)
    {
        File.WriteAllText(_temporary.PathOf("config.json"), json);
        ConfigReader reader = ConfigReader.Open(_temporary.PathOf("config.json"));
        DecoderConfig config = ModelFamilies.Of(reader).ReadConfig(reader);
        SpecialIds.Read(_temporary.Path, reader);
        reader.ThrowIfFaulty();
        return config;
    }
}
