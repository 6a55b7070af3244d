using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Parsing;

/// <summary>A command line that cannot be run gives one line that says what to do.</summary>
public sealed class ParseErrorsTests
{
    private const string MissingPrompt =
        "PROMPT is missing: the text to continue; - reads standard input, \"\" starts from the begin token";

    private const string UnknownXyz =
        "unknown option --xyz: beamline generate --help lists all; put -- before a text that begins with a dash";

    private const string UnknownUnloadXyz =
        "unknown option --xyz: beamline models unload --help lists all; put -- before a text that begins with a dash";

    [Theory]
    [InlineData("", "say what to do: generate, compare, models, tokenize, serve, status or bench; beamline --help tells more")]
    [InlineData("genrate x", "unknown command 'genrate': the nearest is generate")]
    [InlineData("dance", "unknown command 'dance': say generate, compare, models, tokenize, serve, status or bench")]
    [InlineData("--foo", "unknown command '--foo': say generate, compare, models, tokenize, serve, status or bench")]
    [InlineData("generate", MissingPrompt)]
    [InlineData("generate --do-sample", MissingPrompt)]
    [InlineData("generate a b c", "unexpected 'b' 'c': put quotes around a text of several words")]
    [InlineData("generate a --max-tokens 5", "unknown option --max-tokens: the nearest is --max-new-tokens")]
    [InlineData("generate --max_new_tokens=5 a", "unknown option --max_new_tokens: the nearest is --max-new-tokens")]
    [InlineData("generate a --tpo-k 2 --xyz", "unknown option --tpo-k: the nearest is --top-k. " + UnknownXyz)]
    [InlineData("generate a --xyz", UnknownXyz)]
    [InlineData("generate --xyz", UnknownXyz)]
    [InlineData("generate a --top-k", "--top-k needs a value: Draw among the K likeliest tokens; 0 is all. Default: 50")]
    [InlineData("generate a --top-k 1 --top-k 2", "--top-k was given 2 times: give it once")]
    [InlineData("generate a --do-sample=maybe", "--do-sample=maybe is no switch's value: leave it out, or say true or false")]
    [InlineData("models x", "unknown command 'x': say load or unload")]
    [InlineData("models laod tales", "unknown command 'laod': the nearest is load")]
    [InlineData("models load", "NAME is missing: the model: a name that beamline models lists on the worker's machine, such as tales@int8")]
    [InlineData("models load a b", "unexpected 'b': put quotes around a text of several words")]
    [InlineData("models unload a --xyz", UnknownUnloadXyz)]
    [InlineData("models load a --timeout 0", "--timeout is 0; allowed: 1 to 86400")]
    [InlineData("models load a --url here", "--url is 'here'; allowed: an address such as http://localhost:5000")]
    [InlineData("status x", "unexpected 'x': beamline status takes options only")]
    [InlineData("serve --port 65536", "--port is '65536'; allowed: 0 to 65535")]
    [InlineData("serve --port 1 --urls http://x", "--port is 1; allowed: either --port or --urls")]
    public async Task Call_ThatCannotBeRun_SaysWhatToDo(string args, string expected) =>
        (await CliRun.Of(new FakeBackend(), args.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ShouldBeCallersFault()
            .ShouldBe(expected);

    [Theory]
    [InlineData("--", "--top-k")]
    [InlineData("- a list")]
    [InlineData("-5 degrees")]
    [InlineData("@file")]
    [InlineData("a=b")]
    [InlineData("models")]
    [InlineData("[suggest]")]
    [InlineData("")]
    public async Task Prompt_ThatLooksLikeSomethingElse_IsText(params string[] args)
    {
        FakeBackend backend = new();
        CliRun run = await CliRun.Of(backend, ["generate", .. args]);
        run.Code.ShouldBe(0, run.Error);
        backend.Run.Request!.Prompts.ShouldHaveSingleItem().ToString().ShouldContain(args[^1]);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("generate --help")]
    [InlineData("generate -h --top-k")]
    [InlineData("--version")]
    public async Task Help_IsPrinted_WhateverElseIsMissing(string args)
    {
        CliRun run = await CliRun.Of(new FakeBackend(), args.Split(' '));
        run.Code.ShouldBe(0);
        run.Output.ShouldNotBeEmpty();
        run.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Serve_SettingsBehindTheDashes_ReachTheServer()
    {
        FakeBackend backend = new();
        CliRun run = await CliRun.Of(backend, "serve", "--port", "8080", "--", "--Beamline:Cluster:SiloPort=11111");
        run.Code.ShouldBe(0, run.Error);
        backend.ServedSettings.ShouldBe(["--urls=http://127.0.0.1:8080", "--Beamline:Cluster:SiloPort=11111"]);
    }
}
