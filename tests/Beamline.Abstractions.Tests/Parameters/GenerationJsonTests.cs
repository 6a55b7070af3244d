using System.Reflection;
using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Tests.Contracts;

namespace Beamline.Abstractions.Tests.Parameters;

/// <summary>Parameters in JSON have the reference's names and forms.</summary>
public sealed class GenerationJsonTests
{
    private static readonly string[] Names =
    [
        "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
        "encoder_repetition_penalty", "eos_token_id", "epsilon_cutoff", "eta_cutoff", "exponential_decay_length_penalty",
        "forced_bos_token_id", "forced_eos_token_id", "frequency_penalty", "length_penalty", "logit_bias", "logprobs", "max_length",
        "max_new_tokens", "min_length", "min_new_tokens", "min_p", "no_repeat_ngram_size", "num_beam_groups", "num_beams",
        "num_return_sequences", "presence_penalty", "remove_invalid_values", "renormalize_logits", "repetition_penalty", "seed",
        "sequence_bias", "stop_strings", "suppress_tokens", "temperature", "top_h", "top_k", "top_p", "typical_p",
    ];

    [Fact]
    public void Names_OfAllParameters_AreTheReferences() =>
        GenerationJson.Default.GenerationParameters.Properties
            .Select(property => property.Name).Order(StringComparer.Ordinal).ShouldBe(Names);

    [Fact]
    public void Write_NothingGiven_IsEmpty() => JsonSerializer.Serialize(new(), GenerationJson.Default.GenerationParameters).ShouldBe("{}");

    [Fact]
    public void Parameters_ThereAndBack_AreTheSame()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            GenerationParameters sample = (GenerationParameters)new SampleMaker(seed, finite: true).Make(typeof(GenerationParameters));
            string json = JsonSerializer.Serialize(sample, GenerationJson.Default.GenerationParameters);
            Difference.Between(sample, Read(json)).ShouldBeNull($"seed {seed}: {json}");
        }
    }

    [Fact]
    public void Read_EachName_FillsExactlyItsProperty()
    {
        foreach (PropertyInfo property in ContractTypes.DataOf(typeof(GenerationParameters)))
        {
            string name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            GenerationParameters one = new();
            property.SetValue(one, new SampleMaker(1).Make(property.PropertyType));
            string json = JsonSerializer.Serialize(one, GenerationJson.Default.GenerationParameters);
            json.ShouldStartWith($"{{\"{name}\":");
            using JsonDocument document = JsonDocument.Parse(json);
            document.RootElement.EnumerateObject().ShouldHaveSingleItem();
        }
    }

    [Theory]
    [InlineData("""{"eos_token_id": 0}""", new[] { 0 })]
    [InlineData("""{"eos_token_id": [0, 7]}""", new[] { 0, 7 })]
    [InlineData("""{"eos_token_id": []}""", new int[0])]
    [InlineData("""{"eos_token_id": null}""", null)]
    public void Read_StopIds_TakesOneOrSeveral(string json, int[]? expected) => Read(json).EosTokenId?.ToArray().ShouldBe(expected);

    [Theory]
    [InlineData("""{"early_stopping": false}""", EarlyStopping.False)]
    [InlineData("""{"early_stopping": true}""", EarlyStopping.True)]
    [InlineData("""{"early_stopping": "never"}""", EarlyStopping.Never)]
    public void Read_EarlyStopping_TakesItsThreeForms(string json, EarlyStopping expected) => Read(json).EarlyStopping.ShouldBe(expected);

    [Fact]
    public void Read_Pairs_TakesTheReferencesForm()
    {
        GenerationParameters parameters = Read(
            """{"sequence_bias": [[[5, 7], 1.5]], "exponential_decay_length_penalty": [3, 1.25], "logit_bias": {"9": -100}}""");
        SequenceBias bias = parameters.SequenceBias.ShouldNotBeNull().ShouldHaveSingleItem();
        bias.Ids.ShouldBe([5, 7]);
        bias.Bias.ShouldBe(1.5f);
        parameters.ExponentialDecayLengthPenalty.ShouldBe(new ExponentialDecay(3, 1.25f));
        parameters.LogitBias.ShouldNotBeNull()[9].ShouldBe(-100);
    }

    [Theory]
    [InlineData("""{"early_stopping": "soon"}""")]
    [InlineData("""{"early_stopping": 1}""")]
    [InlineData("""{"exponential_decay_length_penalty": [1]}""")]
    [InlineData("""{"exponential_decay_length_penalty": [1, 2, 3]}""")]
    [InlineData("""{"exponential_decay_length_penalty": [1.5, 2]}""")]
    [InlineData("""{"exponential_decay_length_penalty": 1}""")]
    [InlineData("""{"sequence_bias": [[5, 1.5]]}""")]
    [InlineData("""{"sequence_bias": [[[5], 1.5, 2]]}""")]
    [InlineData("""{"sequence_bias": [[[5], "x"]]}""")]
    [InlineData("""{"sequence_bias": [5]}""")]
    [InlineData("""{"eos_token_id": "0"}""")]
    [InlineData("""{"eos_token_id": 1.5}""")]
    [InlineData("""{"max_new_tokens": 1.5}""")]
    [InlineData("""{"top_p": "high"}""")]
    [InlineData("""{"do_sample": 1}""")]
    [InlineData("""{"logit_bias": {"a": 1}}""")]
    public void Read_WrongForm_IsAJsonException(string json) => Should.Throw<JsonException>(() => Read(json));

    [Fact]
    public void Read_UnknownName_IsLeftToWhoeverKnowsIt() =>
        Read("""{"stream": true, "top_k": 3, "TOP_K": 4}""").ShouldBe(new GenerationParameters { TopK = 3 });

    private static GenerationParameters Read(string json) =>
        JsonSerializer.Deserialize(json, GenerationJson.Default.GenerationParameters).ShouldNotBeNull();
}
