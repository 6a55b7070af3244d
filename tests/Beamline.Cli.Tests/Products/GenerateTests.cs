using System.Text.Json;
using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Products;

/// <summary>Generation by the embedded model on a silo of this process.</summary>
public sealed class GenerateTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    [Fact]
    public async Task Generate_Greedy_ContinuesTheStory()
    {
        CliRun run = await RunAsync("Once upon a time", "--max-new-tokens", "20");
        run.ShouldBe(new CliRun(0, ", there was a sensible little pony, and her name was Matilda. Matilda lived in a green valley\n", ""));
    }

    [Fact]
    public async Task Generate_SeedTwice_SameText()
    {
        string[] args = ["Once", "--do-sample", "--seed", "7", "--max-new-tokens", "40"];
        CliRun first = await RunAsync(args);
        first.Code.ShouldBe(0);
        first.Output.Length.ShouldBeGreaterThan(40);
        (await RunAsync(args)).ShouldBe(first);
        (await RunAsync(["Once", "--do-sample", "--seed", "8", "--max-new-tokens", "40"])).Output.ShouldNotBe(first.Output);
    }

    [Fact]
    public async Task Generate_FourBeams_InOrderOfScore()
    {
        CliRun run = await RunAsync("Once", "--num-beams", "4", "--num-return-sequences", "4", "--json", "--max-new-tokens", "30");
        run.Code.ShouldBe(0, run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement[] sequences = [.. document.RootElement.GetProperty("sequences").EnumerateArray()];
        sequences.Select(sequence => sequence.GetProperty("index").GetInt32()).ShouldBe([0, 1, 2, 3]);
        float[] scores = [.. sequences.Select(sequence => sequence.GetProperty("score").GetSingle())];
        scores.ShouldBe(scores.OrderDescending());
        sequences.Select(sequence => sequence.GetProperty("text").GetString()).Distinct().Count().ShouldBe(4);
    }

    [Theory]
    [InlineData("--do-sample", "--seed", "3")]
    [InlineData("--stop-strings", "little")]
    [InlineData("--num-beams", "2")]
    public async Task Generate_PlainAndJson_HoldTheSameText(params string[] options)
    {
        string[] args = ["Once upon a time", "--max-new-tokens", "24", .. options];
        CliRun plain = await RunAsync(args), json = await RunAsync([.. args, "--json"]);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        plain.Output.ShouldBe(document.RootElement.GetProperty("sequences")[0].GetProperty("text").GetString() + "\n");
    }

    [Fact]
    public async Task Generate_EmptyPrompt_StartsFromTheBeginToken() =>
        (await RunAsync("", "--max-new-tokens", "5")).ShouldBe(new CliRun(0, "Once upon a time,\n", ""));

    [Fact]
    public async Task Generate_WithoutEffect_Warns()
    {
        CliRun run = await RunAsync("Once", "--temperature", "2", "--max-new-tokens", "2");
        run.Code.ShouldBe(0);
        run.Error.ShouldStartWith("beamline: warning: temperature ");
    }

    [Theory]
    [InlineData("--max-new-tokens is 0; allowed: 1 to 511", "--max-new-tokens", "0")]
    [InlineData("--max-new-tokens is 512; allowed: 1 to 511", "--max-new-tokens", "512")]
    [InlineData("--num-return-sequences is 3; allowed: 1 to num_beams, which is 2", "--num-beams", "2", "--num-return-sequences", "3")]
    [InlineData("--temperature is -1; allowed: above 0", "--do-sample", "--temperature", "-1")]
    [InlineData("Model 'absent' is not known. Known: tales", "--model", "absent")]
    [InlineData("unknown option --temprature: the nearest is --temperature", "--temprature", "1")]
    public async Task Generate_BadInput_IsOneLineThatSaysWhatToDo(string said, params string[] options) =>
        (await RunAsync(["Once", .. options])).ShouldBeCallersFault().ShouldStartWith(said);

    [Fact]
    public async Task Generate_SeveralFaults_AreNamedAtOnce()
    {
        CliRun run = await RunAsync("Once", "--temperature", "-1", "--top-p", "3", "--top-k", "-4", "--num-beams", "0");
        string said = run.ShouldBeCallersFault();
        foreach (string option in (string[])["--temperature is -1", "--top-p is 3", "--top-k is -4", "--num-beams is 0"])
        {
            said.ShouldContain(option);
        }
    }

    [Fact]
    public async Task Generate_PromptBeyondTheContext_IsTheCallersFault() =>
        (await RunAsync(string.Concat(Enumerable.Repeat("once upon a time ", 300)))).ShouldBeCallersFault().ShouldContain("prompt");

    private Task<CliRun> RunAsync(params string[] args) => CliRun.Of(product.Backend, ["generate", .. args]);
}
