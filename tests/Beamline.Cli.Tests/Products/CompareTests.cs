using System.Text.Json;
using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Products;

/// <summary>Comparison by the embedded model.</summary>
public sealed class CompareTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    private static readonly string[] Methods =
        ["greedy", "beam 4", "top-k 3", "top-k 50", "top-p 0.9", "temperature 0.5", "temperature 1.0", "temperature 1.5"];

    [Fact]
    public async Task Compare_Json_HasAllTextsAndFigures()
    {
        CliRun run = await RunAsync("Once upon a time", "--seed", "1", "--samples", "3", "--max-new-tokens", "16", "--json");
        run.Code.ShouldBe(0, run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        document.RootElement.GetProperty("seed").GetInt64().ShouldBe(1);
        JsonElement[] methods = [.. document.RootElement.GetProperty("methods").EnumerateArray()];
        methods.Select(method => method.GetProperty("name").GetString()).ShouldBe(Methods);
        methods.Select(method => method.GetProperty("result").GetProperty("sequences").GetArrayLength()).ShouldBe([1, 3, 3, 3, 3, 3, 3, 3]);
        foreach (JsonElement method in methods)
        {
            JsonElement figures = method.GetProperty("figures");
            figures.GetProperty("mean_log_likelihood").GetDouble().ShouldBeLessThan(0);
            foreach (string figure in (string[])["distinct_1", "distinct_2", "distinct_3", "repetition_rate"])
            {
                figures.GetProperty(figure).GetDouble().ShouldBeInRange(0, 1);
            }
            method.GetProperty("result").GetProperty("warnings").GetArrayLength().ShouldBe(0);
        }
        methods[0].GetProperty("figures").GetProperty("self_bleu").ValueKind.ShouldBe(JsonValueKind.Null);
        methods[2].GetProperty("figures").GetProperty("self_bleu").GetDouble().ShouldBeInRange(0, 1);
        LikelihoodOf(methods[5]).ShouldBeGreaterThan(LikelihoodOf(methods[7]));     // cooler is likelier
    }

    [Fact]
    public async Task Compare_ToAPipe_IsAPlainTableAndATextOfEachMethod()
    {
        CliRun run = await RunAsync("Once upon a time", "--seed", "1", "--samples", "2", "--max-new-tokens", "8");
        run.Code.ShouldBe(0, run.Error);
        run.Output.ShouldNotContain('\u001b');
        foreach (string method in Methods)
        {
            run.Output.ShouldContain($"| {method} ");
            run.Output.ShouldContain($"\n== {method}");
        }
        run.Output.ShouldEndWith("\nThe same texts again: --seed 1\n");
        (await RunAsync("Once upon a time", "--seed", "1", "--samples", "2", "--max-new-tokens", "8")).ShouldBe(run);
    }

    [Theory]
    [InlineData("--samples is '0'; allowed: 1 to 128", "--samples", "0")]
    [InlineData("--samples is 'many'; allowed: 1 to 128", "--samples", "many")]
    [InlineData("--max-new-tokens is 0; allowed: 1 to 511", "--max-new-tokens", "0")]
    [InlineData("Model 'absent' is not known", "--model", "absent")]
    public async Task Compare_BadInput_IsOneLineThatSaysWhatToDo(string said, params string[] options) =>
        (await RunAsync(["Once", .. options])).ShouldBeCallersFault().ShouldStartWith(said);

    private static double LikelihoodOf(JsonElement method) =>
        method.GetProperty("figures").GetProperty("mean_log_likelihood").GetDouble();

    private Task<CliRun> RunAsync(params string[] args) => CliRun.Of(product.Backend, ["compare", .. args]);
}
