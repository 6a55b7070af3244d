using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Output;
using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Commands;

public sealed class GenerateCommandTests
{
    private readonly FakeBackend _backend = new();

    [Fact]
    public async Task Generate_OneSequence_PrintsItsTextAndALineEnd()
    {
        CliRun run = await CliRun.Of(_backend, "generate", "Once", "--model", "tales");
        run.ShouldBe(new CliRun(0, " there was a fox.\n", ""));
        _backend.OpenedModel.ShouldBe("tales");
        _backend.OpenClusters.ShouldBe(0);
    }

    [Fact]
    public async Task Generate_Beams_PrintsAllUnderHeadings()
    {
        _backend.Run.Hypotheses =
        [
            new(0, 0, "one", [1, 2], -0.25f, FinishReason.Eos, []),
            new(0, 1, "two", [3], -1.5f, FinishReason.Length, []),
        ];
        CliRun run = await CliRun.Of(_backend, "generate", "Once", "--num-beams", "2", "--num-return-sequences", "2");
        run.ShouldBe(new CliRun(0,
            "== 1 of 2, score -0.2500, 2 tokens, eos ==\none\n\n== 2 of 2, score -1.5000, 1 token, length ==\ntwo\n", ""));
    }

    [Fact]
    public async Task Generate_BestBeamOnly_PrintsItsTextAlone()
    {
        _backend.Run.Hypotheses = [new(0, 0, "one", [1, 2], -0.25f, FinishReason.Eos, [])];
        (await CliRun.Of(_backend, "generate", "Once", "--num-beams", "2")).ShouldBe(new CliRun(0, "one\n", ""));
    }

    [Fact]
    public async Task Generate_Json_PrintsOneDocument()
    {
        TokenLogprobs logprobs = new(5, -0.5f, float.NegativeInfinity, [new TokenLogprob(5, -0.5f)], []);
        _backend.Run.Hypotheses = [new(0, 0, "ü\n", [5], -0.25f, FinishReason.Eos, [logprobs])];
        _backend.Run.Warnings = ["temperature has no effect"];
        CliRun run = await CliRun.Of(_backend, "generate", "Once", "--json");
        run.Code.ShouldBe(0);
        run.Error.ShouldBeEmpty();
        run.Output.Count(character => character == '\n').ShouldBe(1);
        run.Output.ShouldContain("ü");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        root.GetProperty("model").GetString().ShouldBe("tales");
        root.GetProperty("seed").GetUInt64().ShouldBe(7ul);
        root.GetProperty("warnings")[0].GetString().ShouldBe("temperature has no effect");
        root.GetProperty("usage").GetProperty("generated_tokens").GetInt32().ShouldBe(3);
        JsonElement sequence = root.GetProperty("sequences")[0];
        sequence.GetProperty("text").GetString().ShouldBe("ü\n");
        sequence.GetProperty("ids")[0].GetInt32().ShouldBe(5);
        sequence.GetProperty("score").GetSingle().ShouldBe(-0.25f);
        sequence.GetProperty("finish_reason").GetString().ShouldBe("eos");
        sequence.GetProperty("logprobs")[0].GetProperty("raw").GetSingle().ShouldBe(-0.5f);
        sequence.GetProperty("logprobs")[0].GetProperty("processed").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("Once upon\n", "Once upon")]
    [InlineData("Once upon\r\n", "Once upon")]
    [InlineData("Once\n\n", "Once\n")]
    [InlineData("", "")]
    public async Task Generate_Dash_ReadsStandardInput(string input, string prompt)
    {
        (await CliRun.WithInput(_backend, input, "generate", "-")).Code.ShouldBe(0);
        _backend.Run.Request!.Prompts.ShouldHaveSingleItem().ShouldBe(new TextPrompt(prompt));
    }

    [Fact]
    public async Task Generate_Warnings_GoToStandardError()
    {
        _backend.Run.Warnings = ["temperature has no effect"];
        (await CliRun.Of(_backend, "generate", "Once"))
            .ShouldBe(new CliRun(0, " there was a fox.\n", "beamline: warning: temperature has no effect\n"));
    }

    [Fact]
    public async Task Generate_Refused_NamesAllFaultsByTheirOptions()
    {
        _backend.Run.Refusal = BeamlineError.Invalid([new Fault("top_p", "2", "0 to 1"), new Fault("prompt", "300 tokens", "at most 255")]);
        (await CliRun.Of(_backend, "generate", "Once", "--top-p", "2")).ShouldBeCallersFault()
            .ShouldBe("--top-p is 2; allowed: 0 to 1. prompt is 300 tokens; allowed: at most 255");
    }

    [Fact]
    public async Task Generate_UnknownModel_IsTheCallersFault() =>
        (await CliRun.Of(_backend, "generate", "Once", "--model", "absent")).ShouldBeCallersFault().ShouldContain("absent");

    [Fact]
    public async Task Generate_RunFailsHalfWay_KeepsTheTextAndIsOurFault()
    {
        _backend.Run.Failure = BeamlineError.Of(BeamlineErrorCode.WorkerLost, "Workers were lost: try again.");
        CliRun run = await CliRun.Of(_backend, "generate", "Once");
        run.ShouldBe(new CliRun(1, " there was a fox.\n", "beamline: Workers were lost: try again.\n"));
    }

    [Fact]
    public async Task Generate_Overloaded_SaysWhenToTryAgain()
    {
        _backend.Run.Refusal = BeamlineError.Of(BeamlineErrorCode.Overloaded, "All queues are full.", TimeSpan.FromSeconds(1.5));
        (await CliRun.Of(_backend, "generate", "Once")).ShouldBe(new CliRun(1, "", "beamline: All queues are full. Try again in 2 s.\n"));
    }

    [Theory]
    [InlineData("", " there was a fox.\n")]
    [InlineData("--json", "")]
    public async Task Generate_CtrlC_CancelsTheRunAndSaysNothing(string option, string output)
    {
        using CancellationTokenSource interrupt = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _backend.Run.Hangs = true;
        string[] args = ["generate", "x", .. option.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        Task<CliRun> running = CliRun.UntilInterrupted(_backend, "", args, interrupt.Token);
        await _backend.Run.Waiting.WaitAsync(interrupt.Token);
        await interrupt.CancelAsync();
        (await running).ShouldBe(new CliRun(ExitCodes.Interrupted, output, ""));
        _backend.Run.Cancels.ShouldBe(1);
        _backend.OpenClusters.ShouldBe(0);
    }
}
