using Beamline.Abstractions.Errors;
using Beamline.Models.Catalogue;
using Beamline.Models.Tests.Support;
using Beamline.Models.Tokenizers;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Catalogue;

/// <summary>Folders whose tokenizer is not the model's: whatever a text may bring has to be an id of the model.</summary>
public sealed class ForeignTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public ForeignTokenizerTests() => RandomGpt2.Tiny.Write(Source);       // 300 ids

    private string Source => _temporary.PathOf("mine");

    private string Tokenizer => Path.Combine(Source, "tokenizer.json");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Open_BaseVocabularyLargerThanTheModels_IsRefusedBeforeAnythingIsWritten()
    {
        TokenizerJson.Tiny().SetBase("more", 300).Write(Tokenizer);

        BeamlineError error = Should.Throw<BeamlineException>(() => TestModels.Catalogue(_temporary).Open(Source)).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldBe(
            $"{Tokenizer}: model.vocab has 300 tokens up to id 300 ('more'); the model's vocabulary has 300, ids from 0 to 299");
        Directory.Exists(_temporary.PathOf("cache")).ShouldBeFalse();
    }

    [Fact]
    public void Open_LastIdOfTheModel_AndAddedTokensBeyond_AreAllowed()
    {
        TokenizerJson.Tiny().SetBase("last", 299).Add("[PAD]", 300).Write(Tokenizer);

        ITokenizer tokenizer = TestModels.Catalogue(_temporary).Open(Source).LoadTokenizer();

        tokenizer.Encode("[PAD]").ShouldBe([300]);
    }

    [Theory]
    [InlineData("""{"model":""", "is not valid JSON")]
    [InlineData("""{"model":{"type":"Unigram"}}""", "model is Unigram")]
    public void Open_DamagedTokenizer_IsToldBeforeAnythingIsWritten(string json, string part)
    {
        File.WriteAllText(Tokenizer, json);

        string message = Should.Throw<BeamlineException>(() => TestModels.Catalogue(_temporary).Open(Source)).Message;

        message.ShouldStartWith(Tokenizer);
        message.ShouldContain(part);
        Directory.Exists(_temporary.PathOf("cache")).ShouldBeFalse();
    }

    [Fact]
    public void Open_WithoutATokenizer_Works_AndLoadingItIsRefused()
    {
        File.Delete(Tokenizer);

        CachedModel model = TestModels.Catalogue(_temporary).Open(Source);

        Should.Throw<BeamlineException>(() => model.LoadTokenizer()).Message.ShouldContain("tokenizer.json: is missing");
    }
}
