using Beamline.Cli.Output;
using Beamline.Cli.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Beamline.Cli.Tests.Commands;

public sealed class StatusCommandTests
{
    private const string Silo =
        """{"name":"silo1","address":"10.0.0.5:11111","state":"active","started":"2026-01-01T08:00:00+00:00"}""";

    private const string Models =
        """[{"name":"org/[x]","state":"ready","rows":4,"free_rows":2,"queued_searches":0,"kv_bytes":4096},"""
        + """{"name":"large","state":"failed","rows":0,"free_rows":0,"queued_searches":0,"kv_bytes":0,"problem":"no [room]"}]""";

    private const string Worker =
        """{"id":"silo1/cpu:0","silo":"silo1","device":"cpu:0","state":"ready","models":["tales","org/[x]"],"rows":16,"""
        + """ "free_rows":12,"""
        + $""" "model_states":{Models},"""
        + """ "queued_searches":3,"queued_tokens":40,"kv_bytes":1,"kv_used_bytes":0,"tokens_per_second":812.5}""";

    private const string Cluster = $$"""{"object":"cluster","silos":[{{Silo}}],"workers":[{{Worker}}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_ShowsSilosAndWorkers()
    {
        await using WebApplication server = await StartAsync(200, Cluster);
        CliRun run = await CliRun.Of(new FakeBackend(), "status", "--url", server.Urls.Single());
        (run.Code, run.Error).ShouldBe((ExitCodes.Success, ""));
        string[] cells =
            ["10.0.0.5:11111", "active", "silo1/cpu:0", "tales, org/[x]", "812.5", "free rows", "4096", "failed", "[room]"];
        foreach (string cell in cells)
        {
            run.Output.ShouldContain(cell);
        }
    }

    [Fact]
    public async Task Status_ForPrograms_IsTheAnswerOnOneLine()
    {
        await using WebApplication server = await StartAsync(200, Cluster);
        (await CliRun.Of(new FakeBackend(), "status", "--json", "--url", server.Urls.Single())).Output.ShouldBe($"{Cluster}\n");
    }

    [Fact]
    public async Task Watched_ItIsShownAgainAndAgain_UntilInterrupted()
    {
        using CancellationTokenSource interrupt = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int asked = 0;
        await using WebApplication server = await StartAsync(200, () =>
        {
            if (Interlocked.Increment(ref asked) == 3) interrupt.CancelAfter(TimeSpan.Zero);
            return $$"""{"object":"cluster","silos":[],"workers":[],"answer":{{asked}}}""";
        });
        CliRun run = await CliRun.UntilInterrupted(
            new FakeBackend(), "", ["status", "--watch", "--json", "--url", server.Urls.Single()], interrupt.Token);
        run.Code.ShouldBe(ExitCodes.Interrupted, run.Error);
        run.Error.ShouldBeEmpty();
        run.Output.ShouldStartWith(
            string.Concat(Enumerable.Range(1, 2).Select(i => $$"""{"object":"cluster","silos":[],"workers":[],"answer":{{i}}}""" + "\n")));
    }

    [Fact]
    public async Task Watched_AServerThatGoesAway_EndsTheWatchWithItsReason()
    {
        int asked = 0;
        await using WebApplication server = await StartAsync(200, () => Interlocked.Increment(ref asked) == 1
            ? Cluster
            : throw new InvalidOperationException("gone"));
        CliRun run = await CliRun.Of(new FakeBackend(), "status", "--watch", "--url", server.Urls.Single());
        run.Code.ShouldBe(ExitCodes.OurFault);
        run.Output.ShouldContain("silo1/cpu:0");
        run.Error.ShouldContain("answers 500");
    }

    [Fact]
    public async Task AServer_ThatCannotTell_IsQuoted()
    {
        await using WebApplication server = await StartAsync(503, "stopping");
        CliRun run = await CliRun.Of(new FakeBackend(), "status", "--url", server.Urls.Single());
        run.Code.ShouldBe(ExitCodes.OurFault);
        run.Error.ShouldContain("answers 503: stopping");
    }

    [Fact]
    public async Task Nobody_AtTheAddress_IsSaidInOneLine()
    {
        CliRun run = await CliRun.Of(new FakeBackend(), "status", "--url", "http://127.0.0.1:1");
        run.Code.ShouldBe(ExitCodes.OurFault);
        run.Error.ShouldContain("Nobody answers at http://127.0.0.1:1/; start a server there, or name another with --url.");
    }

    [Fact]
    public async Task AnAddress_ThatIsNone_IsRefused()
    {
        CliRun run = await CliRun.Of(new FakeBackend(), "status", "--url", "here");
        run.Code.ShouldBe(ExitCodes.CallersFault);
        run.Error.ShouldContain("--url is 'here'; allowed: an address such as http://localhost:5000");
    }

    private static Task<WebApplication> StartAsync(int status, string body) => StartAsync(status, () => body);

    private static async Task<WebApplication> StartAsync(int status, Func<string> body)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.MapGet("/v1/cluster", context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body(), Token);
        });
        await app.StartAsync(Token);
        return app;
    }
}
