using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Grains.Tests.Sequences;

public sealed class RequestCheckerTests
{
    private static readonly ModelDescription Model = Announcements.Model() with { ContextLength = 64 };
    private static readonly SequenceOptions Limits = new() { MaxPrompts = 3, MaxPromptLength = 100 };

    private static GenerationRequest Request(params ImmutableArray<Prompt> prompts) =>
        new() { Id = new("id"), Prompts = prompts, Parameters = new() { MaxNewTokens = 4 } };

    private static CheckedRequest Check(GenerationRequest request, ModelDescription? model = null, ITokenizer? tokenizer = null) =>
        RequestChecker.Check(request, model ?? Model, tokenizer ?? Tales.Tokenizer, Limits);

    private static ImmutableArray<Fault> Faults(GenerationRequest request, ModelDescription? model = null, ITokenizer? tokenizer = null)
    {
        BeamlineError error = Should.Throw<BeamlineException>(() => Check(request, model, tokenizer)).Error;
        error.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
        return error.Faults;
    }

    // The embedded model's, with more added tokens.
    private static ITokenizer TokenizerWith(params (string Content, int Id)[] tokens)
    {
        using TemporaryFolder folder = new();
        TalesFolder.Write(folder.Path, tokens);
        return new ModelCatalogue(new()).LoadTokenizer(folder.Path);
    }

    [Fact]
    public void Text_IsTokenised_IdsStayAsTheyAre()
    {
        CheckedRequest found = Check(Request(new TextPrompt("Once upon"), new TokenPrompt([5, 6])));
        found.Prompts.Select(prompt => prompt.Index).ShouldBe([0, 1]);
        found.Prompts[0].Ids.ShouldBe(Tales.Tokenizer.Encode("Once upon"));
        found.Prompts[1].Ids.ShouldBe([5, 6]);
    }

    [Fact]
    public void EmptyPrompt_StartsFromTheBeginToken()
    {
        ModelDescription model = Model with { BosTokenId = 7 };
        Check(Request(new TextPrompt(""), new TokenPrompt([])), model).Prompts.ShouldAllBe(prompt => prompt.Ids.Single() == 7);
    }

    [Fact]
    public void EmptyPromptWithoutABeginToken_IsRefused() =>
        Faults(Request(new TextPrompt("")), Model with { BosTokenId = null })
            .ShouldBe([new("prompt", "empty", "at least one token: tales has no begin token")]);

    [Theory]
    [InlineData(-1)]
    [InlineData(Tales.VocabularySize)]
    [InlineData(int.MaxValue)]
    public void IdOutsideTheVocabulary_IsNamed(int id) =>
        Faults(Request(new TokenPrompt([1, id, id]))).ShouldBe([new("prompt", $"id {id}", "ids from 0 to 4095")]);

    [Fact]
    public void SeveralIdsOutsideTheVocabulary_AreNamed_TheFirstFewEachOnce()
    {
        Faults(Request(new TokenPrompt([4096, 1, -1, 4096]))).ShouldBe([new("prompt", "ids 4096, -1", "ids from 0 to 4095")]);
        Faults(Request(new TokenPrompt([.. Enumerable.Range(5000, 40), .. Enumerable.Range(5000, 41)])))
            .ShouldBe([new("prompt", "ids 5000, 5001, 5002 and 38 more", "ids from 0 to 4095")]);
    }

    [Fact]
    public void TextWithATokenOutsideTheVocabulary_IsNamed_ByFieldTokenAndId()
    {
        ITokenizer tokenizer = TokenizerWith(("[PAD]", 4096), ("[SEP]", 4097), (new string('x', 50), 9_999));

        Faults(Request(new TextPrompt("Once [PAD] upon[PAD]")), tokenizer: tokenizer)
            .ShouldBe([new("prompt", "token '[PAD]' (id 4096)", "ids from 0 to 4095")]);
        Faults(Request(new TextPrompt("a"), new TextPrompt($"[SEP]{new string('x', 50)}")), tokenizer: tokenizer)
            .ShouldBe([new("prompt[1]", $"tokens '[SEP]' (id 4097), '{new string('x', 37)}...' (id 9999)", "ids from 0 to 4095")]);
        Check(Request(new TextPrompt("Once [PA D]")), tokenizer: tokenizer).Prompts.ShouldHaveSingleItem();
        Check(Request(new TextPrompt("[PAD]")), Model with { VocabularySize = 4097 }, tokenizer).Prompts[0].Ids.ShouldBe([4096]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Tales.VocabularySize)]
    public void EmptyPromptWhoseBeginTokenIsOutsideTheVocabulary_IsRefused(int begin) =>
        Faults(Request(new TextPrompt("")), Model with { BosTokenId = begin }).ShouldBe(
            [new("prompt", "empty", $"at least one token: the begin token of tales, id {begin}, is none of its 4096")]);

    [Theory]
    [InlineData("bad_words_ids[0]")]
    [InlineData("sequence_bias[0]")]
    [InlineData("forced_bos_token_id")]
    [InlineData("forced_eos_token_id")]
    [InlineData("logit_bias")]
    public void IdOutsideTheVocabularyInAParameter_IsNamed(string field)
    {
        foreach (int id in (int[])[-1, Tales.VocabularySize])
        {
            GenerationParameters parameters = field switch
            {
                "bad_words_ids[0]" => new() { BadWordsIds = [[1, id]] },
                "sequence_bias[0]" => new() { SequenceBias = [new([id], 1)] },
                "forced_bos_token_id" => new() { ForcedBosTokenId = id },
                "forced_eos_token_id" => new() { ForcedEosTokenId = [1, id] },
                _ => new() { LogitBias = ImmutableDictionary<int, float>.Empty.Add(id, 1) },
            };
            Fault fault = Faults(Request(new TextPrompt("a")) with { Parameters = parameters }).ShouldHaveSingleItem();
            (fault.Field, fault.Value, fault.Rule).ShouldBe((field, $"{id}", "0 to 4095"));
        }
    }

    [Fact]
    public void LastIdOfTheVocabulary_IsAllowed() =>
        Check(Request(new TokenPrompt([0, Tales.VocabularySize - 1]))).Prompts.ShouldHaveSingleItem();

    [Fact]
    public void OneOfSeveralPrompts_IsNamedByItsPlace() =>
        Faults(Request(new TextPrompt("a"), new TokenPrompt([9999]), new TextPrompt(new string('x', 101))))
            .ShouldBe([new("prompt[1]", "id 9999", "ids from 0 to 4095"), new("prompt[2]", "101 characters", "at most 100")]);

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void Prompt_HasToLeaveRoomInTheContext(int length, bool fits)
    {
        TokenPrompt prompt = new([.. Enumerable.Repeat(1, length)]);
        GenerationRequest request = Request(new TextPrompt("a"), prompt) with { Parameters = new() };
        if (fits) Check(request).Prompts[1].Parameters.MaxNewTokens.ShouldBe(1);
        else Faults(request).ShouldHaveSingleItem().Field.ShouldBe("prompt[1]");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData(null)]
    public void IdOfAWrongForm_IsRefused(string? id)
    {
        Fault fault = Faults(Request(new TextPrompt("a")) with { Id = new(id!) }).ShouldHaveSingleItem();
        (fault.Field, fault.Value, fault.Rule).ShouldBe(("id", $"'{id}'", RequestId.Rule));
    }

    [Theory]
    [InlineData(128, 0)]
    [InlineData(129, 1)]
    public void Id_HasALongest(int length, int faults)
    {
        GenerationRequest request = Request(new TextPrompt("a")) with { Id = new(new string('a', length)) };
        if (faults == 0) Check(request).Prompts.ShouldHaveSingleItem();
        else Faults(request).ShouldHaveSingleItem().Value.Length.ShouldBeLessThan(50);
    }

    [Fact]
    public void NoPrompts_AreRefused_WithTheFaultsOfTheParameters()
    {
        Fault none = new("prompt", "0 prompts", "1 to 3");
        Faults(Request()).ShouldBe([none]);
        Faults(Request() with { Prompts = default, Parameters = new() { TopP = 2 } }).Select(fault => fault.Field)
            .ShouldBe(["prompt", "top_p"]);
    }

    [Fact]
    public void TooManyPrompts_AreRefused()
    {
        Check(Request(new TextPrompt("a"), new TextPrompt("b"), new TextPrompt("c"))).Prompts.Length.ShouldBe(3);
        Faults(Request([.. Enumerable.Repeat(new TextPrompt("a"), 4)])).ShouldBe([new("prompt", "4 prompts", "1 to 3")]);
    }

    [Fact]
    public void MissingPrompt_IsNamed() =>
        Faults(Request(new TextPrompt(null!), new TokenPrompt(default), null!)).Select(fault => (fault.Field, fault.Rule))
            .ShouldBe([("prompt[0]", "text or token ids"), ("prompt[1]", "text or token ids"), ("prompt[2]", "text or token ids")]);

    [Fact]
    public void AllFaults_ComeAtOnce_EachOnce()
    {
        GenerationRequest request = Request(new TokenPrompt([-1]), new TextPrompt("b")) with
        {
            Id = new("?"), Parameters = new() { Temperature = -1, TopP = 2, NumReturnSequences = 2 },
        };
        Faults(request).Select(fault => fault.Field).ShouldBe(["id", "prompt[0]", "temperature", "top_p", "num_return_sequences"]);
    }

    [Fact]
    public void ParameterWithoutEffect_IsAWarning_OnceForAllPrompts() =>
        Check(Request(new TextPrompt("a"), new TextPrompt("b")) with { Parameters = new() { MaxNewTokens = 2, Temperature = 0.5f } })
            .Warnings.ShouldHaveSingleItem().ShouldContain("temperature");

    [Fact]
    public void Seed_IsTheRequests_ElseFollowsFromTheId()
    {
        Check(Request(new TextPrompt("a")) with { Parameters = new() { Seed = -1 } }).Prompts[0].Parameters.Seed.ShouldBe(ulong.MaxValue);
        ulong one = Check(Request(new TextPrompt("a"))).Prompts[0].Parameters.Seed;
        Check(Request(new TextPrompt("b"))).Prompts[0].Parameters.Seed.ShouldBe(one);
        Check(Request(new TextPrompt("a")) with { Id = new("other") }).Prompts[0].Parameters.Seed.ShouldNotBe(one);
    }
}
