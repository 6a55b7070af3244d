using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Models.Tokenizers;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Catalogue;

public sealed class RandomModelTests
{
    [Theory]
    [InlineData(WeightPrecision.Fp32)]
    [InlineData(WeightPrecision.Int8)]
    [InlineData(WeightPrecision.Int4)]
    [InlineData(WeightPrecision.W8A8)]
    public void RandomModel_Imported_Runs(WeightPrecision precision)
    {
        using TemporaryFolder temporary = new();
        RandomGpt2.Tiny.Write(temporary.PathOf("random"));

        CachedModel model = TestModels.Catalogue(temporary).Open($"{temporary.PathOf("random")}@{precision.Name()}");

        model.Description.StopIds.ShouldBe([299]);
        model.Description.Precision.ShouldBe(precision.Name());
        using GraphRunner runner = new(model.GraphPath, model.Description);
        float[] logits = runner.Prefill([1, 2, 3])[^1];
        logits.ShouldAllBe(logit => float.IsFinite(logit));
        logits.Distinct().Count().ShouldBeGreaterThan(200);
    }

    [Fact]
    public void RandomModel_Tokenizer_RoundTripsEveryText()
    {
        using TemporaryFolder temporary = new();
        RandomGpt2.Tiny.Write(temporary.PathOf("random"));

        ITokenizer tokenizer = TestModels.Catalogue(temporary).LoadTokenizer(temporary.PathOf("random"));

        tokenizer.VocabularySize.ShouldBe(300);
        foreach (string text in (string[])["", "Hello !!", "naïve 日本 🙂\n\t", "<|endoftext|>x"])
        {
            tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: false).ShouldBe(text);
        }
    }

    [Fact]
    public void RandomModel_SameSeed_SameHash()
    {
        using TemporaryFolder temporary = new();
        ModelCatalogue catalogue = TestModels.Catalogue(temporary);
        RandomGpt2.Tiny.Write(temporary.PathOf("a"));
        RandomGpt2.Tiny.Write(temporary.PathOf("b"));
        (RandomGpt2.Tiny with { Seed = 2 }).Write(temporary.PathOf("c"));

        catalogue.Describe(temporary.PathOf("b")).Hash.ShouldBe(catalogue.Describe(temporary.PathOf("a")).Hash);
        catalogue.Describe(temporary.PathOf("c")).Hash.ShouldNotBe(catalogue.Describe(temporary.PathOf("a")).Hash);
    }
}
