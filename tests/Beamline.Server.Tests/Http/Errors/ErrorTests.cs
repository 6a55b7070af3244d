using System.Net;
using System.Text;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Errors;
using Beamline.Server.Tests.Fakes;

namespace Beamline.Server.Tests.Http.Errors;

public sealed class ErrorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int, string> Statuses => new()
    {
        { "invalid_request", 400, "invalid_request_error" },
        { "model_not_found", 404, "invalid_request_error" },
        { "request_not_found", 404, "invalid_request_error" },
        { "forbidden", 403, "permission_error" },
        { "deadline_exceeded", 408, "invalid_request_error" },
        { "conflict", 409, "invalid_request_error" },
        { "overloaded", 429, "rate_limit_error" },
        { "cancelled", 499, "invalid_request_error" },
        { "internal", 500, "server_error" },
        { "invalid_model", 500, "server_error" },
        { "a_word_of_tomorrow", 500, "server_error" },
        { "no_worker", 503, "server_error" },
        { "worker_lost", 503, "server_error" },
        { "storage", 503, "server_error" },
        { "no_room", 507, "server_error" },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task ARunsError_HasItsStatus_StreamedOrNot(string code, int status, string type)
    {
        await using ApiHost api = await ApiHost.StartAsync(_ => [new Failed(0, BeamlineError.Of(new(code), "So it is."))]);
        foreach (bool stream in new[] { false, true })
        {
            HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a", stream });
            ((int)answer.StatusCode).ShouldBe(status);
            JsonElement error = (await ApiHost.JsonOf(answer)).GetProperty("error");
            error.GetProperty("type").GetString().ShouldBe(type);
            error.GetProperty("code").GetString().ShouldBe(code);
            error.GetProperty("param").ValueKind.ShouldBe(JsonValueKind.Null);
            if (code != "internal") error.GetProperty("message").GetString().ShouldBe("So it is.");
            answer.Headers.Contains("X-Request-Id").ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(0.2, "1")]
    [InlineData(1.5, "2")]
    [InlineData(30, "30")]
    public async Task Overload_SaysWhenToTryAgain_InWholeSeconds(double seconds, string header)
    {
        BeamlineError error = BeamlineError.Of(BeamlineErrorCode.Overloaded, "Full.", TimeSpan.FromSeconds(seconds));
        await using ApiHost api = await ApiHost.StartAsync(_ => throw new BeamlineException(error));
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a" });
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.GetValues("Retry-After").ShouldBe([header]);
    }

    [Fact]
    public async Task FaultsOfTheCluster_ComeInTheCallersWords()
    {
        BeamlineError error = BeamlineError.Invalid(
            [new("num_return_sequences", "2", "1"), new("top_p", "2", "0 to 1"), new("max_new_tokens", "9", "8")]);
        await using ApiHost api = await ApiHost.StartAsync(_ => throw new BeamlineException(error));
        HttpResponseMessage answer = await api.CompleteAsync(new { n = 2, top_p = 2, max_new_tokens = 9 });
        JsonElement body = (await ApiHost.JsonOf(answer)).GetProperty("error");
        body.GetProperty("param").GetString().ShouldBe("n");
        body.GetProperty("message").GetString()
            .ShouldBe("n is 2; allowed: 1. top_p is 2; allowed: 0 to 1. max_new_tokens is 9; allowed: 8");
        body.GetProperty("faults").EnumerateArray().Select(f => f.GetProperty("param").GetString())
            .ShouldBe(["n", "top_p", "max_new_tokens"]);
    }

    [Fact]
    public async Task ABugOfOurs_IsToldWithoutItsDetails()
    {
        await using ApiHost api = await ApiHost.StartAsync(_ => throw new InvalidCastException("secret"));
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a" });
        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{\"prompt\":\"a\"", "not valid JSON (line 1, byte 14)")]
    [InlineData("{\"n\":1,\"n\":2}", "not valid JSON")]
    [InlineData("[1]", "has to be a JSON object")]
    [InlineData("\"a\"", "has to be a JSON object")]
    [InlineData("{\"prompt\":\"\\ud800\"}", "not valid Unicode")]
    public async Task ABody_ThatIsNoJsonObject_IsRefused(string body, string expected)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.CompleteAsync(body);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("message").GetString()!.ShouldContain(expected);
    }

    [Fact]
    public async Task ABody_OfBrokenUtf8_IsRefused()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        ByteArrayContent content = new([.. "{\"prompt\":\""u8, 0xff, .. "\"}"u8]);
        content.Headers.ContentType = new("application/json");
        (await api.Http.PostAsync("/v1/completions", content, Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task ABody_OfAnotherType_IsRefused()
    {
        await using ApiHost api = await ApiHost.StartAsync();
        StringContent content = new("{}", Encoding.UTF8, "text/plain");
        HttpResponseMessage answer = await api.Http.PostAsync("/v1/completions", content, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe("unsupported_media_type");
    }

    [Fact]
    public async Task ABody_BeyondTheLimit_IsRefused()
    {
        await using ApiHost api = await ApiHost.StartAsync("--Beamline:Limits:BodyBytes", "2000");
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = new string('x', 4000) });
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe("body_too_large");
    }

    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "route_not_found")]
    [InlineData("GET", "/v1/completions", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/models/none", 404, "model_not_found")]
    [InlineData("POST", "/v1/models", 405, "method_not_allowed")]
    public async Task AnAddress_ThatIsNotThere_IsRefusedInTheEnvelope(string method, string path, int status, string code)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        HttpResponseMessage answer = await api.Http.SendAsync(new(new(method), path), Token);
        ((int)answer.StatusCode).ShouldBe(status);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    public async Task ARequestId_ThatIsMalformed_IsRefused(string id)
    {
        await using ApiHost api = await ApiHost.StartAsync();
        api.Http.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-Id", id);
        HttpResponseMessage answer = await api.CompleteAsync(new { prompt = "a" });
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("param").GetString().ShouldBe("X-Request-Id");
        answer.Headers.GetValues("X-Request-Id").Single().ShouldNotBe(id);
    }

    [Fact]
    public void EveryKnownCode_IsInTheTable() =>
        typeof(BeamlineErrorCode).GetFields().Where(f => f.FieldType == typeof(BeamlineErrorCode))
            .Select(f => ((BeamlineErrorCode)f.GetValue(null)!).Value)
            .Except(["invalid_configuration"])
            .ShouldBeSubsetOf(Statuses.Select(row => row.Data.Item1));

    [Fact]
    public void ACallersFault_IsNeverAnErrorOfTheServer() =>
        Statuses.Select(row => new BeamlineErrorCode(row.Data.Item1)).Where(code => code.IsCallersFault)
            .ShouldAllBe(code => HttpFailure.Of(code).Status < 500);
}
