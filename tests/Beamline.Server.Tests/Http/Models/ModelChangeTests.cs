using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Server.Tests.Fakes;

namespace Beamline.Server.Tests.Http.Models;

public sealed class ModelChangeTests
{
    private readonly ScriptedWorker _first = new("one", "tales"), _second = new("two", "tales");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task<ApiHost> StartAsync(params string[] settings) =>
        ApiHost.StartAsync(new ScriptedRun(Stories.Whole), [_first, _second], settings);

    private static Task<HttpResponseMessage> PostAsync(ApiHost api, string path, string body = "{}") =>
        api.Http.PostAsync($"/v1/models/{path}", new StringContent(body, Encoding.UTF8, "application/json"), Token);

    [Fact]
    public async Task Load_OnAllWorkers_TellsOfEach()
    {
        await using ApiHost api = await StartAsync();
        (await PostAsync(api, "org/large@int8/load", """{"workers": ["two/cpu:0"]}""")).StatusCode.ShouldBe(HttpStatusCode.OK);

        HttpResponseMessage answer = await PostAsync(api, "org/large@int8/load");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe(
            """
            {"object":"model.change","model":"org/large@int8","workers":[{"worker":"one/cpu:0","result":"loaded"},
            {"worker":"two/cpu:0","result":"was_loaded"}],"served_by":["one/cpu:0","two/cpu:0"]}
            """.ReplaceLineEndings(""));
        _first.Asked.ShouldBe(["load org/large@int8"]);
    }

    [Fact]
    public async Task Load_ThatFailsOnOneWorker_IsAnErrorThatTellsOfAll()
    {
        _second.Failure = BeamlineError.Of(BeamlineErrorCode.NoRoom, "large needs 9 MiB");
        await using ApiHost api = await StartAsync();

        HttpResponseMessage answer = await PostAsync(api, "large/load");

        answer.StatusCode.ShouldBe(HttpStatusCode.InsufficientStorage);
        JsonElement json = await ApiHost.JsonOf(answer);
        JsonElement error = json.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe("no_room");
        error.GetProperty("type").GetString().ShouldBe("server_error");
        error.GetProperty("message").GetString().ShouldBe("large: one/cpu:0: loaded; two/cpu:0: large needs 9 MiB.");
        json.GetProperty("workers").EnumerateArray().Select(worker => worker.GetProperty("result").GetString())
            .ShouldBe(["loaded", "no_room"]);
    }

    [Theory]
    [InlineData("model_not_found", HttpStatusCode.NotFound)]
    [InlineData("conflict", HttpStatusCode.Conflict)]
    [InlineData("invalid_model", HttpStatusCode.InternalServerError)]
    public async Task Load_ThatIsRefused_HasTheStatusOfItsReason(string code, HttpStatusCode status)
    {
        _first.Refusal = BeamlineError.Of(new(code), "no");
        await using ApiHost api = await StartAsync();
        (await PostAsync(api, "large/load", """{"workers": ["one/cpu:0"]}""")).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task Unload_SaysWhoServesItYet_AndThatItWasTheLast()
    {
        await using ApiHost api = await StartAsync();

        JsonElement one = await ApiHost.JsonOf(await PostAsync(api, "tales/unload", """{"workers": ["one/cpu:0"]}"""));
        one.GetProperty("workers").EnumerateArray().ShouldHaveSingleItem().GetProperty("result").GetString().ShouldBe("unloaded");
        one.GetProperty("served_by").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("two/cpu:0");
        one.TryGetProperty("message", out _).ShouldBeFalse();

        JsonElement all = await ApiHost.JsonOf(await PostAsync(api, "tales/unload"));
        all.GetProperty("workers").EnumerateArray().Select(worker => worker.GetProperty("result").GetString())
            .ShouldBe(["was_not_loaded", "unloaded"]);
        all.GetProperty("served_by").GetArrayLength().ShouldBe(0);
        all.GetProperty("message").GetString().ShouldBe("No worker of the cluster serves tales any more.");
    }

    [Fact]
    public async Task Unload_OfWhatNobodyHas_IsNotFound()
    {
        await using ApiHost api = await StartAsync();
        HttpResponseMessage answer = await PostAsync(api, "absent/unload");
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe("model_not_found");
    }

    [Fact]
    public async Task Alias_IsAnsweredWithTheNameThatWorkersKnow()
    {
        _first.NameOf = _second.NameOf = static name => name.Replace("@fp32", "", StringComparison.Ordinal);
        await using ApiHost api = await StartAsync();

        JsonElement loaded = await ApiHost.JsonOf(await PostAsync(api, "tales@fp32/load"));
        loaded.GetProperty("model").GetString().ShouldBe("tales");
        loaded.GetProperty("served_by").GetArrayLength().ShouldBe(2);

        JsonElement unloaded = await ApiHost.JsonOf(await PostAsync(api, "tales@fp32/unload", """{"workers": ["one/cpu:0"]}"""));
        unloaded.GetProperty("served_by").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldBe("two/cpu:0");
        unloaded.TryGetProperty("message", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("large/load")]
    [InlineData("tales/unload")]
    public async Task WorkerThatIsNotReadyInTime_IsAnErrorThatSaysSo_AndGoesOn(string path)
    {
        _second.IsStuck = true;
        await using ApiHost api = await StartAsync("--Beamline:Administration:ChangeWait", "00:00:01");

        HttpResponseMessage answer = await PostAsync(api, path);

        JsonElement json = await ApiHost.JsonOf(answer);
        json.GetProperty("error").GetProperty("code").GetString().ShouldBe("deadline_exceeded", $"{json}");
        json.GetProperty("workers").EnumerateArray().Select(worker => worker.GetProperty("result").GetString()!)
            .ShouldBe([path.StartsWith("large", StringComparison.Ordinal) ? "loaded" : "unloaded", "deadline_exceeded"]);
    }

    [Fact]
    public async Task NoBodyAtAll_IsAllWorkers_WhenItsTypeIsGiven()
    {
        await using ApiHost api = await StartAsync();
        (await PostAsync(api, "tales/load", "")).StatusCode.ShouldBe(HttpStatusCode.OK);
        _second.Asked.ShouldBe(["load tales"]);
        HttpResponseMessage untyped = await api.Http.PostAsync("/v1/models/tales/unload", content: null, Token);
        untyped.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("""{"workers": ["one/cpu:0", "three/cpu:0"]}""", "workers is three/cpu:0; allowed: ids out of one/cpu:0, two/cpu:0")]
    [InlineData("""{"workers": []}""", "workers is []; allowed: a list of worker ids, such as [\"silo1/cpu:0\"]")]
    [InlineData("""{"workers": "one/cpu:0"}""", "workers is \"one/cpu:0\"; allowed: a list of worker ids, such as [\"silo1/cpu:0\"]")]
    [InlineData("""{"worker": ["one/cpu:0"]}""", "worker is not a field of this route; allowed: workers")]
    [InlineData("[]", "The body has to be a JSON object.")]
    public async Task BodyThatIsWrong_ChangesNothing(string body, string message)
    {
        await using ApiHost api = await StartAsync();
        HttpResponseMessage answer = await PostAsync(api, "tales/unload", body);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("message").GetString().ShouldBe(message);
        (_first.Asked.Count, _second.Asked.Count).ShouldBe((0, 0));
    }

    [Theory]
    [InlineData("tales")]
    [InlineData("tales/reload")]
    [InlineData("load")]
    public async Task OtherPaths_TakeNoPost(string path)
    {
        await using ApiHost api = await StartAsync();
        HttpResponseMessage answer = await PostAsync(api, path);
        answer.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        answer.Content.Headers.Allow.ShouldBe(["GET"]);
        (await ApiHost.JsonOf(answer)).GetProperty("error").GetProperty("code").GetString().ShouldBe("method_not_allowed");
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("X-Forwarded-For", "10.0.0.5")]
    [InlineData("Forwarded", "for=10.0.0.5")]
    public async Task RequestForSomebodyElse_IsForbidden(string header, string value)
    {
        await using ApiHost api = await StartAsync();
        (await WithHeaderAsync(api, header, value)).ShouldBe(HttpStatusCode.Forbidden);
        _first.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Setting_SaysWhoMay()
    {
        await using (ApiHost nobody = await StartAsync("--Beamline:Administration:Callers", "Nobody"))
        {
            HttpResponseMessage answer = await PostAsync(nobody, "tales/unload");
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            JsonElement error = (await ApiHost.JsonOf(answer)).GetProperty("error");
            error.GetProperty("code").GetString().ShouldBe("forbidden");
            error.GetProperty("message").GetString()!.ShouldContain("Beamline:Administration:Callers");
        }
        await using ApiHost anyone = await StartAsync("--Beamline:Administration:Callers", "Anyone");
        (await WithHeaderAsync(anyone, "Host", "models.example")).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> WithHeaderAsync(ApiHost api, string header, string value)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/models/tales/load") { Content = JsonContent.Create(new { }) };
        request.Headers.TryAddWithoutValidation(header, value);
        return (await api.Http.SendAsync(request, Token)).StatusCode;
    }
}
