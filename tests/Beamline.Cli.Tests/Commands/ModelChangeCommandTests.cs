using Beamline.Cli.Output;
using Beamline.Cli.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Beamline.Cli.Tests.Commands;

public sealed class ModelChangeCommandTests
{
    private const string Done =
        """{"object":"model.change","model":"m","workers":[{"worker":"a/cpu:0","result":"loaded"},"""
        + """{"worker":"b/cpu:0","result":"was_loaded"}],"served_by":["a/cpu:0","b/cpu:0"]}""";

    private const string Gone =
        """{"object":"model.change","model":"m","workers":[{"worker":"a/cpu:0","result":"unloaded"}],"served_by":[],"""
        + """ "message":"No worker of the cluster serves m any more."}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Load_AsksForAllWorkers_AndSaysWhatHappenedOnEach()
    {
        List<string> asked = [];
        await using WebApplication server = await StartAsync(200, Done, asked);
        (await CliRun.Of(new FakeBackend(), "models", "load", "org/m@int8", "--url", server.Urls.Single())).ShouldBe(
            new CliRun(0, "a/cpu:0\tloaded\nb/cpu:0\twas loaded\n", ""));
        asked.ShouldBe(["POST /v1/models/org/m@int8/load {} application/json"]);
    }

    [Fact]
    public async Task Unload_AsksForTheWorkersGiven_AndSaysThatItWasTheLast()
    {
        List<string> asked = [];
        await using WebApplication server = await StartAsync(200, Gone, asked);
        string[] args = ["models", "unload", "m", "--worker", "a/cpu:0", "--worker", "b/cpu:0", "--url", server.Urls.Single()];
        (await CliRun.Of(new FakeBackend(), args)).ShouldBe(
            new CliRun(0, "a/cpu:0\tunloaded\n", "No worker of the cluster serves m any more.\n"));
        asked.ShouldBe(["""POST /v1/models/m/unload {"workers":["a/cpu:0","b/cpu:0"]} application/json"""]);
    }

    [Fact]
    public async Task ForPrograms_TheAnswerIsPrintedAsItIs()
    {
        await using WebApplication server = await StartAsync(200, Done, []);
        (await CliRun.Of(new FakeBackend(), "models", "load", "m", "--json", "--url", server.Urls.Single())).Output.ShouldBe($"{Done}\n");
    }

    [Theory]
    [InlineData("model_not_found", ExitCodes.CallersFault)]
    [InlineData("forbidden", ExitCodes.CallersFault)]
    [InlineData("no_room", ExitCodes.OurFault)]
    public async Task AnError_IsOneLine_WithTheExitCodeOfItsKind(string code, int expected)
    {
        string body = $$$"""{"error":{"message":"m: a/cpu:0: why not.","type":"t","param":null,"code":"{{{code}}}"},"workers":[]}""";
        await using WebApplication server = await StartAsync(400, body, []);
        (await CliRun.Of(new FakeBackend(), "models", "load", "m", "--url", server.Urls.Single())).ShouldBe(
            new CliRun(expected, "", "beamline: m: a/cpu:0: why not.\n"));
    }

    [Fact]
    public async Task Nobody_AtTheAddress_IsSaidInOneLine()
    {
        CliRun run = await CliRun.Of(new FakeBackend(), "models", "unload", "m", "--url", "http://127.0.0.1:1");
        run.Code.ShouldBe(ExitCodes.OurFault);
        run.Error.ShouldContain("Nobody answers at http://127.0.0.1:1/");
    }

    private static async Task<WebApplication> StartAsync(int status, string body, List<string> asked)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.MapFallback(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            string sent = await reader.ReadToEndAsync(Token);
            asked.Add($"{context.Request.Method} {context.Request.Path} {sent} {context.Request.ContentType}");
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body, Token);
        });
        await app.StartAsync(Token);
        return app;
    }
}
