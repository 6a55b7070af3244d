using System.Net;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Updates;
using Beamline.Server.Tests.Fakes;

namespace Beamline.Server.Tests.Http.Runs;

/// <summary>Requests that are left to themselves, and runs by their id.</summary>
public sealed class RunTests
{
    private const string Path = "/v1/requests/mine";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<ApiHost> StartedAsync(ScriptedRun run, params string[] settings)
    {
        ApiHost api = await ApiHost.StartAsync(run, settings);
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", background = true });
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return api;
    }

    private static async Task<string[]> LinesOf(HttpResponseMessage answer)
    {
        string body = await answer.Content.ReadAsStringAsync(Token);
        return body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task Background_AnswersAtOnce_WithWhereTheDurableRunIs()
    {
        await using ApiHost api = await ApiHost.StartAsync(new ScriptedRun(Stories.Whole) { HangsAt = 1 });
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", background = true });

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        JsonElement json = await ApiHost.JsonOf(answer);
        string id = json.GetProperty("id").GetString()!;
        answer.Headers.Location!.OriginalString.ShouldBe($"/v1/requests/{id}");
        answer.Headers.GetValues("X-Request-Id").ShouldBe([id]);
        json.GetProperty("object").GetString().ShouldBe("request");
        json.GetProperty("status").GetString().ShouldBe("in_progress");
        json.GetProperty("next_position").GetInt64().ShouldBe(1);
        json.TryGetProperty("result", out _).ShouldBeFalse();
        api.Run.Request!.Durable.ShouldBeTrue();
        api.Run.Cancelled.Task.IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"durable": true}""", true)]
    [InlineData("""{"durable": false}""", false)]
    [InlineData("""{"durable": null}""", false)]
    [InlineData("""{}""", false)]
    public async Task Durable_IsHandedOn_AndAnsweredAsEver(string body, bool expected)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.CompleteAsync(body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await ApiHost.JsonOf(answer)).GetProperty("object").GetString().ShouldBe("text_completion");
        api.Run.Request!.Durable.ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"background": true, "stream": true}""", "background")]
    [InlineData("""{"background": true, "durable": false}""", "durable")]
    [InlineData("""{"background": 1}""", "background")]
    [InlineData("""{"durable": "yes"}""", "durable")]
    public async Task Background_ThatMakesNoSense_IsRefused(string body, string field)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.CompleteAsync(body);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("param").GetString().ShouldBe(field);
        api.Run.Request.ShouldBeNull();
    }

    [Fact]
    public async Task Storage_ThatIsAway_IsSaid_WithWhenToTryAgain()
    {
        await using ApiHost api = await ApiHost.StartAsync(_ => throw new BeamlineException(
            BeamlineError.Of(BeamlineErrorCode.Storage, "The storage does not answer.", TimeSpan.FromSeconds(1))));
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", background = true });
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.GetValues("Retry-After").ShouldBe(["1"]);
    }

    [Fact]
    public async Task Get_OfACompleteRun_HasAllOfIt()
    {
        await using ApiHost api = await ApiHost.StartAsync(new ScriptedRun(Stories.Whole));
        await api.CompleteAsync(new { prompt = new[] { "a", "b" }, n = 2, background = true, logprobs = 1 });
        JsonElement json = await ApiHost.JsonOf(await api.Http.GetAsync(Path, Token));

        json.GetProperty("status").GetString().ShouldBe("completed");
        json.GetProperty("generated_tokens").GetInt32().ShouldBe(3);
        JsonElement result = json.GetProperty("result");
        result.GetProperty("model").GetString().ShouldBe("tales");
        result.GetProperty("seed").GetInt32().ShouldBe(7);
        result.GetProperty("warnings")[0].GetString().ShouldBe("temperature has no effect");
        result.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(12);
        JsonElement[] sequences = [.. result.GetProperty("sequences").EnumerateArray()];
        sequences.Select(s => (s.GetProperty("prompt").GetInt32(), s.GetProperty("index").GetInt32()))
            .ShouldBe([(0, 0), (0, 1), (1, 0), (1, 1)]);
        sequences[0].GetProperty("text").GetString().ShouldBe("0.0-0 0.0-1 0.0-2 ");
        sequences[0].GetProperty("token_ids").GetArrayLength().ShouldBe(3);
        sequences[0].GetProperty("stop_reason").GetString().ShouldBe("eos");
        sequences[0].GetProperty("logprobs").GetProperty("token_logprobs").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task Get_OfAFailedRun_SaysWhy()
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Broken));
        JsonElement json = await ApiHost.JsonOf(await api.Http.GetAsync(Path, Token));
        json.GetProperty("status").GetString().ShouldBe("failed");
        json.GetProperty("error").GetProperty("code").GetString().ShouldBe("worker_lost");
    }

    [Theory]
    [InlineData("GET", Path)]
    [InlineData("DELETE", Path)]
    [InlineData("GET", $"{Path}/events")]
    public async Task ARunThatIsNotKnown_IsNotFound(string method, string path)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.Http.SendAsync(new(new(method), path), Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe("request_not_found");
    }

    [Fact]
    public async Task AnIdThatIsNone_IsRefused()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        (await api.Http.GetAsync("/v1/requests/a%20b", Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Delete_Cancels_AndShowsIt()
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Whole) { HangsAt = 1 });
        JsonElement json = await ApiHost.JsonOf(await api.Http.DeleteAsync(Path, Token));
        json.GetProperty("status").GetString().ShouldBe("cancelled");
        api.Run.Cancelled.Task.IsCompleted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("", null, 0)]
    [InlineData("?from=2", null, 2)]
    [InlineData("?from=0", "1", 2)]
    public async Task Events_ComeFromThePosition_ToTheEnd(string query, string? last, int from)
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Whole));
        using HttpRequestMessage request = new(HttpMethod.Get, $"{Path}/events{query}");
        if (last is not null) request.Headers.Add("Last-Event-ID", last);
        HttpResponseMessage answer = await api.Http.SendAsync(request, Token);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        string[] lines = await LinesOf(answer);
        lines.Where(line => line.StartsWith("id: ")).ShouldBe(Enumerable.Range(from, 5 - from).Select(i => $"id: {i}"));
        string[] names = ["event: token", "event: token", "event: token", "event: finished", "event: completed"];
        lines.Where(line => line.StartsWith("event: ")).ShouldBe(names[from..]);
        string[] data = [.. lines.Where(line => line.StartsWith("data: "))];
        if (from == 0) data[0].ShouldBe("""data: {"prompt":0,"branch":0,"token_id":0,"text":"0.0-0 "}""");
        data[^1].ShouldContain("\"sequences\":[{");
    }

    [Fact]
    public async Task Events_OfABeamSearch_AndOfAFailure_HaveTheirNames()
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Broken));
        string[] lines = await LinesOf(await api.Http.GetAsync($"{Path}/events", Token));
        lines.Where(line => line.StartsWith("event: ")).ShouldBe(["event: token", "event: failed"]);
        lines[^1].ShouldContain("\"code\":\"worker_lost\"");

        BeamsChanged step = new(0, 0, 1, [new(0, 5, "x", -1, 0)], []);
        await using ApiHost beams = await StartedAsync(new ScriptedRun(request => [step, .. Stories.Broken(request)[1..]]));
        lines = await LinesOf(await beams.Http.GetAsync($"{Path}/events", Token));
        lines[..3].ShouldBe(
        [
            "id: 0", "event: beams",
            """data: {"prompt":0,"step":1,"live":[{"parent":0,"token":5,"text":"x","score":-1,"group":0}],"finished":[]}""",
        ]);
    }

    [Fact]
    public async Task Events_FromBehindTheEnd_AreNone_AndABrowserDoesNotAskAgain()
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Whole));
        (await api.Http.GetAsync($"{Path}/events?from=5", Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData("?from=-1", null)]
    [InlineData("?from=", null)]
    [InlineData("?from=x", null)]
    [InlineData("?from=1&from=2", null)]
    [InlineData("?from=9223372036854775807", null)]
    [InlineData("", "x")]
    public async Task Events_FromNoPosition_AreRefused(string query, string? last)
    {
        await using ApiHost api = await StartedAsync(new ScriptedRun(Stories.Whole));
        using HttpRequestMessage request = new(HttpMethod.Get, $"{Path}/events{query}");
        if (last is not null) request.Headers.Add("Last-Event-ID", last);
        HttpResponseMessage answer = await api.Http.SendAsync(request, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonElement error = (await ApiHost.JsonOf(answer)).GetProperty("error");
        error.GetProperty("param").GetString().ShouldBe(last is null ? "from" : "Last-Event-ID");
    }

    [Fact]
    public async Task Events_ThatAreLongInComing_AreBridgedByComments_AndALeavingReaderCancelsNothing()
    {
        ScriptedRun run = new(Stories.Whole) { HangsAt = 1 };
        await using ApiHost api = await StartedAsync(run, "--Beamline:Limits:HeartbeatInterval", "00:00:01");
        using (HttpResponseMessage answer = await api.Http.GetAsync(
            $"{Path}/events", HttpCompletionOption.ResponseHeadersRead, Token))
        {
            using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(Token));
            string? line;
            do
            {
                line = await reader.ReadLineAsync(Token);
            }
            while (line != ": waiting");
        }
        run.Cancelled.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Events_OfAServerThatStops_EndWithoutAnError()
    {
        ScriptedRun run = new(Stories.Whole) { HangsAt = 1 };
        await using ApiHost api = await StartedAsync(run);
        Task<HttpResponseMessage> reading = api.Http.GetAsync($"{Path}/events?from=1", Token);
        await run.Hanging.Task.WaitAsync(Token);

        await api.StopAsync();

        HttpResponseMessage answer = await reading;
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await LinesOf(answer)).ShouldBeEmpty();
    }
}
