using System.Net;
using System.Text.Json;
using Beamline.Server.Tests.Fakes;

namespace Beamline.Server.Tests.Http.Completions;

public sealed class CompletionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ACompletion_IsOpenAIsObject()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.CompleteAsync(new { model = "tales", prompt = "Once" });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonElement json = await ApiHost.JsonOf(answer);
        json.GetProperty("id").GetString().ShouldBe(answer.Headers.GetValues("X-Request-Id").Single());
        json.GetProperty("object").GetString().ShouldBe("text_completion");
        json.GetProperty("created").GetInt64().ShouldBeGreaterThan(1_700_000_000);
        json.GetProperty("model").GetString().ShouldBe("tales");
        json.GetProperty("choices").GetRawText().ShouldBe(
            """[{"index":0,"text":"0.0-0 0.0-1 0.0-2 ","logprobs":null,"finish_reason":"stop","stop_reason":"eos"}]""");
        json.GetProperty("usage").GetRawText().ShouldBe(
            """{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8,"prompt_tokens_details":{"cached_tokens":2}}""");
        json.GetProperty("seed").GetUInt64().ShouldBe(7UL);
        json.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()).ShouldBe(["temperature has no effect"]);
    }

    [Fact]
    public async Task SeveralPromptsAndSequences_AreNumberedThrough()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        JsonElement json = await ApiHost.JsonOf(await api.CompleteAsync(new { prompt = new[] { "a", "b" }, n = 2, echo = true }));

        IndexedTexts(json).ShouldBe(
        [
            (0, "a0.0-0 0.0-1 0.0-2 "), (1, "a0.1-0 0.1-1 0.1-2 "), (2, "b1.0-0 1.0-1 1.0-2 "), (3, "b1.1-0 1.1-1 1.1-2 "),
        ]);
    }

    [Fact]
    public async Task BestOf_ReturnsTheLikeliest_BestFirst()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        JsonElement json = await ApiHost.JsonOf(await api.CompleteAsync(new { prompt = "a", n = 2, best_of = 4 }));

        IndexedTexts(json).ShouldBe([(0, "0.3-0 0.3-1 0.3-2 "), (1, "0.2-0 0.2-1 0.2-2 ")]);
        json.GetProperty("choices")[0].GetProperty("logprobs").ValueKind.ShouldBe(JsonValueKind.Null);
        json.GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(12);
    }

    [Fact]
    public async Task Beams_CarryTheirScores()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        JsonElement json = await ApiHost.JsonOf(await api.CompleteAsync(new { prompt = "a", num_beams = 3, num_return_sequences = 2 }));
        json.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("score").GetSingle()).ShouldBe([-0.5f, -1.5f]);
    }

    [Fact]
    public async Task LogprobsAndIds_WhenAskedFor_AreThere()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        JsonElement json = await ApiHost.JsonOf(await api.CompleteAsync(new { prompt = "a", logprobs = 2, return_token_ids = true }));
        JsonElement choice = json.GetProperty("choices")[0];
        choice.GetProperty("token_ids").GetRawText().ShouldBe("[0,1,2]");
        choice.GetProperty("logprobs").GetRawText().ShouldBe(
            """
            {"tokens":["token_id:0","token_id:1","token_id:2"],"token_logprobs":[-4,-4,-4],
            "top_logprobs":[{"token_id:0":0,"token_id:1":-1},{"token_id:0":0,"token_id:1":-1},{"token_id:0":0,"token_id:1":-1}],
            "token_ids":[0,1,2]}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task AStream_PutTogether_IsTheWholeAnswer(int beams)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        string body = $$"""{"prompt":["a","b"],"n":2,"num_beams":{{beams}},"echo":true}""";
        JsonElement whole = await ApiHost.JsonOf(await api.CompleteAsync(body));
        string streaming = body.Replace("{", """{"stream":true,"stream_options":{"include_usage":true},""", StringComparison.Ordinal);
        HttpResponseMessage streamed = await api.CompleteAsync(streaming);

        streamed.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        string[] events = await ApiHost.EventsOf(streamed);
        events[^1].ShouldBe("[DONE]");
        JsonElement[] pieces = [.. events[..^1].Select(e => JsonDocument.Parse(e).RootElement)];
        pieces[^1].GetProperty("usage").GetRawText().ShouldBe(whole.GetProperty("usage").GetRawText());
        pieces[^1].GetProperty("choices").GetArrayLength().ShouldBe(0);
        for (int index = 0; index < 4; index++)
        {
            JsonElement[] own =
                [.. pieces[..^1].Select(p => p.GetProperty("choices")[0]).Where(c => c.GetProperty("index").GetInt32() == index)];
            JsonElement expected = whole.GetProperty("choices")[index];
            string.Concat(own.Select(c => c.GetProperty("text").GetString())).ShouldBe(expected.GetProperty("text").GetString());
            own.SkipLast(1).ShouldAllBe(c => c.GetProperty("finish_reason").ValueKind == JsonValueKind.Null);
            own[^1].GetProperty("finish_reason").GetString().ShouldBe(expected.GetProperty("finish_reason").GetString());
        }
    }

    [Fact]
    public async Task AStream_WithIds_HasEachIdOnce()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", stream = true, return_token_ids = true, logprobs = 0 });
        string[] events = await ApiHost.EventsOf(answer);
        events[..^2].Select(e => JsonDocument.Parse(e).RootElement.GetProperty("choices")[0])
            .Select(c => (c.GetProperty("token_ids")[0].GetInt32(), c.GetProperty("logprobs").GetProperty("token_logprobs")[0].GetSingle()))
            .ShouldBe([(0, -4f), (1, -4f), (2, -4f)]);
    }

    [Fact]
    public async Task AStream_ThatBreaks_EndsWithTheErrorAndNotWithDone()
    {
        await using ApiHost api = await ApiHost.StartAsync(Stories.Broken);
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", stream = true });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        string[] events = await ApiHost.EventsOf(answer);
        events.Length.ShouldBe(2);
        events[^1].ShouldBe("""{"error":{"message":"Workers were lost.","type":"server_error","param":null,"code":"worker_lost"}}""");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ACaller_ThatDisconnects_CancelsTheRun(bool stream)
    {
        ScriptedRun run = new(Stories.Whole) { HangsAt = 1 };
        await using ApiHost api = await ApiHost.StartAsync(run);
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { prompt = "a", stream }),
        };
        Task<HttpResponseMessage> answer = api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        await run.Hanging.Task.WaitAsync(Token);
        // A streamed answer has begun by then; its connection ends with the response.
        if (stream) (await answer).Dispose();
        else await gone.CancelAsync();

        await run.Cancelled.Task.WaitAsync(Token);
    }

    [Fact]
    public async Task TheCallersRequestId_IsTheRunsId()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        api.Http.DefaultRequestHeaders.Add("X-Request-Id", "my-run:1");
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a" });
        answer.Headers.GetValues("X-Request-Id").ShouldBe(["my-run:1"]);
        api.Run.Request!.Id.Value.ShouldBe("my-run:1");
        (await ApiHost.JsonOf(answer)).GetProperty("id").GetString().ShouldBe("my-run:1");
    }

    private static IEnumerable<(int Index, string? Text)> IndexedTexts(JsonElement answer) =>
        answer.GetProperty("choices").EnumerateArray().Select(c => (c.GetProperty("index").GetInt32(), c.GetProperty("text").GetString()));
}
