using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Server.Http.Completions;
using Beamline.Server.Limits;
using CsCheck;

namespace Beamline.Server.Tests.Http.Completions;

public sealed class CompletionReaderTests
{
    private static readonly LimitSettings Limits = new()
    {
        Prompts = 3, PromptBytes = 100, MaxTokens = 50, Sequences = 4, Beams = 5, StopStrings = 2,
    };

    [Theory]
    [InlineData("{}", """{"max_new_tokens":16,"do_sample":true,"top_k":0}""")]
    [InlineData("""{"temperature":0}""", """{"max_new_tokens":16,"do_sample":false}""")]
    [InlineData("""{"temperature":0.5,"max_tokens":3}""", """{"max_new_tokens":3,"do_sample":true,"temperature":0.5,"top_k":0}""")]
    [InlineData("""{"top_k":5}""", """{"max_new_tokens":16,"do_sample":true,"top_k":5}""")]
    [InlineData("""{"do_sample":true}""", """{"max_new_tokens":16,"do_sample":true}""")]
    [InlineData("""{"do_sample":false,"temperature":0}""", """{"max_new_tokens":16,"do_sample":false,"temperature":0}""")]
    [InlineData("""{"num_beams":3,"n":2}""", """{"max_new_tokens":16,"num_beams":3,"num_return_sequences":2}""")]
    [InlineData("""{"num_beams":1}""", """{"max_new_tokens":16,"do_sample":true,"top_k":0,"num_beams":1}""")]
    [InlineData("""{"max_length":9}""", """{"max_length":9,"do_sample":true,"top_k":0}""")]
    [InlineData("""{"stop":"x","do_sample":false}""", """{"max_new_tokens":16,"do_sample":false,"stop_strings":["x"]}""")]
    [InlineData("""{"stop":["x","y"],"do_sample":false}""", """{"max_new_tokens":16,"do_sample":false,"stop_strings":["x","y"]}""")]
    [InlineData("""{"logit_bias":{"5":-100},"do_sample":false}""", """{"max_new_tokens":16,"do_sample":false,"logit_bias":{"5":-100}}""")]
    [InlineData("""{"best_of":3,"n":2}""", """{"max_new_tokens":16,"do_sample":true,"top_k":0,"num_return_sequences":3,"logprobs":0}""")]
    [InlineData("""{"early_stopping":"never","eos_token_id":[1,2],"do_sample":false}""",
        """{"max_new_tokens":16,"do_sample":false,"early_stopping":"never","eos_token_id":[1,2]}""")]
    public void Parameters_AreMapped(string body, string expected) =>
        JsonSerializer.Serialize(Read(body).Request.Parameters, GenerationJson.Default.GenerationParameters).ShouldBe(expected);

    [Fact]
    public void EveryParameter_ByItsOwnName_IsTakenAsItIs()
    {
        string all = """
            {"max_new_tokens":1,"max_length":2,"min_new_tokens":1,"min_length":1,"do_sample":true,"seed":5,"temperature":0.5,"top_k":3,
            "top_p":0.5,"min_p":0.25,"typical_p":0.5,"epsilon_cutoff":0.5,"eta_cutoff":0.5,"top_h":0.5,"repetition_penalty":1.5,
            "encoder_repetition_penalty":1.5,"no_repeat_ngram_size":2,"encoder_no_repeat_ngram_size":2,"bad_words_ids":[[1,2],[3]],
            "sequence_bias":[[[5,7],1.5]],"forced_bos_token_id":1,"forced_eos_token_id":[2],"suppress_tokens":[3],
            "begin_suppress_tokens":[4],"exponential_decay_length_penalty":[3,1.5],"renormalize_logits":true,
            "remove_invalid_values":true,"num_beams":4,"num_return_sequences":2,"length_penalty":0.5,"early_stopping":true,
            "num_beam_groups":2,"diversity_penalty":0.5,"eos_token_id":[0],"stop_strings":["x"],"presence_penalty":0.5,
            "frequency_penalty":0.5,"logit_bias":{"7":1},"logprobs":3}
            """.ReplaceLineEndings("");
        JsonSerializer.Serialize(Read(all).Request.Parameters, GenerationJson.Default.GenerationParameters).ShouldBe(all);
        JsonDocument.Parse(all).RootElement.EnumerateObject().Select(p => p.Name)
            .ShouldBe(GenerationJson.Default.GenerationParameters.Properties.Select(p => p.Name));
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"prompt":null}""", "")]
    [InlineData("""{"prompt":""}""", "")]
    [InlineData("""{"prompt":["a","b"]}""", "a|b")]
    [InlineData("""{"prompt":[1,2]}""", "#1,2")]
    [InlineData("""{"prompt":[[1,2],[3]]}""", "#1,2|#3")]
    [InlineData("""{"prompt":["a",[3]]}""", "a|#3")]
    public void Prompts_OfEveryForm_AreRead(string body, string expected) =>
        string.Join('|', Read(body).Request.Prompts.Select(Show)).ShouldBe(expected);

    [Theory]
    [InlineData("""{"prompt":5}""", "prompt")]
    [InlineData("""{"prompt":[]}""", "prompt")]
    [InlineData("""{"prompt":["a",1]}""", "prompt[1]")]
    [InlineData("""{"prompt":[[],[1]]}""", "prompt[0]")]
    [InlineData("""{"prompt":[-1]}""", "prompt[0]")]
    [InlineData("""{"prompt":[[1,2.5]]}""", "prompt[0]")]
    [InlineData("""{"prompt":["a","b","c","d"]}""", "prompt")]
    [InlineData("""{"model":5}""", "model")]
    [InlineData("""{"user":[]}""", "user")]
    [InlineData("""{"stream":1}""", "stream")]
    [InlineData("""{"stream_options":{"include_usage":true}}""", "stream_options")]
    [InlineData("""{"stream":true,"stream_options":{"include":true}}""", "stream_options.include")]
    [InlineData("""{"stream":true,"stream_options":{"include_usage":1}}""", "stream_options.include_usage")]
    [InlineData("""{"n":0}""", "n")]
    [InlineData("""{"n":5}""", "n")]
    [InlineData("""{"n":1.5}""", "n")]
    [InlineData("""{"num_return_sequences":5}""", "num_return_sequences")]
    [InlineData("""{"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"max_tokens":51}""", "max_tokens")]
    [InlineData("""{"max_new_tokens":51}""", "max_new_tokens")]
    [InlineData("""{"max_tokens":1,"max_new_tokens":1}""", "max_tokens")]
    [InlineData("""{"n":1,"num_return_sequences":1}""", "n")]
    [InlineData("""{"stop":"a","stop_strings":["a"]}""", "stop")]
    [InlineData("""{"stop":["a","b","c"]}""", "stop")]
    [InlineData("""{"stop":[1]}""", "stop")]
    [InlineData("""{"num_beams":6}""", "num_beams")]
    [InlineData("""{"best_of":1,"n":2}""", "best_of")]
    [InlineData("""{"best_of":2,"stream":true}""", "best_of")]
    [InlineData("""{"best_of":2,"num_beams":2}""", "best_of")]
    [InlineData("""{"echo":true,"logprobs":1}""", "echo")]
    [InlineData("""{"echo":true,"prompt":[1]}""", "echo")]
    [InlineData("""{"suffix":"x"}""", "suffix")]
    [InlineData("""{"top_k":1.5}""", "top_k")]
    [InlineData("""{"temperature":"hot"}""", "temperature")]
    [InlineData("""{"early_stopping":"maybe"}""", "early_stopping")]
    [InlineData("""{"bad_words_ids":[1]}""", "bad_words_ids")]
    [InlineData("""{"sequence_bias":[[1,2]]}""", "sequence_bias")]
    [InlineData("""{"exponential_decay_length_penalty":[1]}""", "exponential_decay_length_penalty")]
    [InlineData("""{"logit_bias":{"x":1}}""", "logit_bias")]
    [InlineData("""{"logit_bias":[1]}""", "logit_bias")]
    [InlineData("""{"topp":0.5}""", "topp")]
    [InlineData("""{"Top_p":0.5}""", "Top_p")]
    public void AFault_NamesItsField(string body, string field) => FaultsOf(body).ShouldHaveSingleItem().Field.ShouldBe(field);

    [Fact]
    public void ALongPrompt_IsRefused_AndNotRepeated()
    {
        Read($$"""{"prompt":"{{new string('x', 100)}}"}""").Request.Prompts.Length.ShouldBe(1);
        FaultsOf($$"""{"prompt":"{{new string('x', 101)}}"}""").ShouldHaveSingleItem().ToString()
            .ShouldBe("prompt is 101; allowed: at most 100 bytes");
    }

    [Fact]
    public void WhatTheSiloWouldRefuse_IsNamedBesideWhatIsRefusedHere() =>
        FaultsOf("""{"max_tokens":0,"n":3,"num_beams":2,"top_p":3,"eos_token_id":[4000000]}""").Select(fault => fault.Field)
            .ShouldBe(["max_tokens", "top_p", "n"], ignoreOrder: true);

    [Fact]
    public void ManyFaults_AreAllNamed() =>
        FaultsOf("""{"prompt":5,"n":"x","foo":1,"max_tokens":0,"top_k":"a","stream":3}""").Select(f => f.Field)
            .ShouldBe(["prompt", "n", "foo", "max_tokens", "top_k", "stream"], ignoreOrder: true);

    [Fact]
    public void OpenAIsNames_AreRemembered()
    {
        CompletionCall call = Read("""{"n":2,"max_tokens":3,"stop":"x"}""");
        call.CallersNames.OrderBy(n => n.Key).Select(n => $"{n.Key}={n.Value}")
            .ShouldBe(["max_new_tokens=max_tokens", "num_return_sequences=n", "stop_strings=stop"]);
        Read("""{"num_return_sequences":2}""").CallersNames.ShouldBeEmpty();
    }

    [Fact]
    public void AnyValue_OfAnyField_IsReadOrRefusedByItsName()
    {
        string[] names = [.. GenerationJson.Default.GenerationParameters.Properties.Select(p => p.Name),
            "prompt", "model", "n", "max_tokens", "stop", "stream", "stream_options", "best_of", "echo",
            "suffix", "user", "return_token_ids", "other"];
        string[] values = ["null", "true", "-1", "0", "1.5", "1e999", "\"\"", "\"NaN\"", "[]", "{}", "[[]]", "[1]", "[[1],2]", "{\"1\":2}"];
        Gen<string> name = Gen.Int[0, names.Length - 1].Select(i => names[i]);
        Gen<string> value = Gen.Int[0, values.Length - 1].Select(i => values[i]);
        Gen.Select(name, value, name, value).Sample((first, a, second, b) =>
        {
            if (first == second) return;
            try
            {
                Read($$"""{"{{first}}":{{a}},"{{second}}":{{b}}}""");
            }
            catch (BeamlineException e)
            {
                e.Error.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
                e.Error.Faults.ShouldAllBe(f => names.Any(f.Field.StartsWith));
                e.Error.Faults.ShouldNotBeEmpty();
            }
        }, iter: 1_000);
    }

    private static string Show(Prompt prompt) => prompt is TextPrompt text ? text.Text : $"#{string.Join(',', ((TokenPrompt)prompt).Ids)}";

    private static ImmutableArray<Fault> FaultsOf(string body) => Should.Throw<BeamlineException>(() => Read(body)).Error.Faults;

    private static CompletionCall Read(string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        return CompletionReader.Read(document.RootElement, new("run"), Limits);
    }
}
