using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Cli.Parsing;
using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Parsing;

/// <summary>Each generation parameter can be given on the command line.</summary>
public sealed class ParameterTableTests
{
    [Fact]
    public void Table_HoldsEveryParameter_InTheirOrder() =>
        ParameterTable.Names.ShouldBe(GenerationJson.Default.GenerationParameters.Properties.Select(property => property.Name));

    [Theory]
    [InlineData("--max-new-tokens 5", """{"max_new_tokens":5}""")]
    [InlineData("--max-length=5", """{"max_length":5}""")]
    [InlineData("--min-new-tokens 0", """{"min_new_tokens":0}""")]
    [InlineData("--min-length 1", """{"min_length":1}""")]
    [InlineData("--do-sample", """{"do_sample":true}""")]
    [InlineData("--do-sample true", """{"do_sample":true}""")]
    [InlineData("--do-sample=false", """{"do_sample":false}""")]
    [InlineData("--seed 9223372036854775807", """{"seed":9223372036854775807}""")]
    [InlineData("--seed -1", """{"seed":-1}""")]
    [InlineData("--temperature 0.7", """{"temperature":0.7}""")]
    [InlineData("--temperature -1e-3", """{"temperature":-0.001}""")]
    [InlineData("--top-k 50", """{"top_k":50}""")]
    [InlineData("--top-p 1", """{"top_p":1}""")]
    [InlineData("--min-p .5", """{"min_p":0.5}""")]
    [InlineData("--typical-p 0.9", """{"typical_p":0.9}""")]
    [InlineData("--epsilon-cutoff 3e-4", """{"epsilon_cutoff":0.0003}""")]
    [InlineData("--eta-cutoff 0", """{"eta_cutoff":0}""")]
    [InlineData("--top-h 0.4", """{"top_h":0.4}""")]
    [InlineData("--repetition-penalty 1.2", """{"repetition_penalty":1.2}""")]
    [InlineData("--encoder-repetition-penalty 1.2", """{"encoder_repetition_penalty":1.2}""")]
    [InlineData("--no-repeat-ngram-size 3", """{"no_repeat_ngram_size":3}""")]
    [InlineData("--encoder-no-repeat-ngram-size 3", """{"encoder_no_repeat_ngram_size":3}""")]
    [InlineData("--bad-words-ids [[1,2],[3]]", """{"bad_words_ids":[[1,2],[3]]}""")]
    [InlineData("--sequence-bias [[[5,7],1.5]]", """{"sequence_bias":[[[5,7],1.5]]}""")]
    [InlineData("--forced-bos-token-id 3", """{"forced_bos_token_id":3}""")]
    [InlineData("--forced-eos-token-id 3", """{"forced_eos_token_id":[3]}""")]
    [InlineData("--suppress-tokens 1,2 --suppress-tokens 3", """{"suppress_tokens":[1,2,3]}""")]
    [InlineData("--begin-suppress-tokens [4]", """{"begin_suppress_tokens":[4]}""")]
    [InlineData("--exponential-decay-length-penalty 20,1.05", """{"exponential_decay_length_penalty":[20,1.05]}""")]
    [InlineData("--renormalize-logits", """{"renormalize_logits":true}""")]
    [InlineData("--remove-invalid-values", """{"remove_invalid_values":true}""")]
    [InlineData("--num-beams 4", """{"num_beams":4}""")]
    [InlineData("--num-return-sequences 2", """{"num_return_sequences":2}""")]
    [InlineData("--length-penalty -0.5", """{"length_penalty":-0.5}""")]
    [InlineData("--early-stopping true", """{"early_stopping":true}""")]
    [InlineData("--early-stopping false", """{"early_stopping":false}""")]
    [InlineData("--early-stopping never", """{"early_stopping":"never"}""")]
    [InlineData("--num-beam-groups 2", """{"num_beam_groups":2}""")]
    [InlineData("--diversity-penalty 0.5", """{"diversity_penalty":0.5}""")]
    [InlineData("--eos-token-id 0", """{"eos_token_id":[0]}""")]
    [InlineData("--eos-token-id []", """{"eos_token_id":[]}""")]
    [InlineData("--stop-strings a,\"b --stop-strings c", """{"stop_strings":["a,\u0022b","c"]}""")]
    [InlineData("--presence-penalty -2", """{"presence_penalty":-2}""")]
    [InlineData("--frequency-penalty 2", """{"frequency_penalty":2}""")]
    [InlineData("--logit-bias {\"5\":-100}", """{"logit_bias":{"5":-100}}""")]
    [InlineData("--logprobs 3", """{"logprobs":3}""")]
    public async Task Option_Given_SetsItsParameterAndNoOther(string options, string expected)
    {
        FakeBackend backend = new();
        // Options stand before the text: a switch does not swallow it.
        CliRun run = await CliRun.Of(backend, ["generate", .. options.Split(' '), "Once upon a time"]);
        run.Code.ShouldBe(0, run.Error);
        JsonSerializer.Serialize(backend.Run.Request!.Parameters, GenerationJson.Default.GenerationParameters).ShouldBe(expected);
    }

    [Theory]
    [InlineData("--top-k", "3.5", "a whole number")]
    [InlineData("--top-k", "99999999999", "a whole number")]
    [InlineData("--seed", "9223372036854775808", "a whole number")]
    [InlineData("--top-p", "half", "a number")]
    [InlineData("--top-p", "nan", "a number")]
    [InlineData("--top-p", "0,5", "a number")]
    [InlineData("--temperature", "1e99", "a number")]
    [InlineData("--early-stopping", "soon", "true, false or never")]
    [InlineData("--eos-token-id", "1,x", "token ids, separated by commas")]
    [InlineData("--eos-token-id", "1.5", "token ids, separated by commas")]
    [InlineData("--bad-words-ids", "[1]", "lists of token ids in JSON, such as [[5,7],[9]]")]
    [InlineData("--bad-words-ids", "[[1]],\"top_k\":[[2]]", "lists of token ids in JSON, such as [[5,7],[9]]")]
    [InlineData("--sequence-bias", "x", "pairs of token ids and bias in JSON, such as [[[5,7],1.5]]")]
    [InlineData("--exponential-decay-length-penalty", "1", "START,FACTOR, such as 20,1.05")]
    [InlineData("--logit-bias", "{\"a\":1}", "token ids and biases in JSON, such as {\"5\":-100}")]
    public async Task Value_OfAnotherForm_IsRefusedWithTheRule(string option, string value, string rule) =>
        (await CliRun.Of(new FakeBackend(), "generate", "x", option, value)).ShouldBeCallersFault()
            .ShouldBe($"{option} is '{value}'; allowed: {rule}");

    [Fact]
    public async Task Values_SeveralOfAnotherForm_AreNamedAllAtOnce() =>
        (await CliRun.Of(new FakeBackend(), "generate", "x", "--top-k", "a", "--top-p", "b")).ShouldBeCallersFault()
            .ShouldBe("--top-k is 'a'; allowed: a whole number. --top-p is 'b'; allowed: a number");
}
