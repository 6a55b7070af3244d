using System.Diagnostics;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Tests.Clusters;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Grains.Tests.Workers;

/// <summary>Models that cannot be loaded, in a cluster that serves another one meanwhile.</summary>
public sealed class ModelFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelFailureTests() => RandomGpt2.Tiny.Write(_folder.PathOf("models", "tiny"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    private Task<TestCluster> StartAsync(params (string Name, string Value)[] settings) => TestCluster.StartAsync(1, _ =>
    [
        ("Cache:EmbeddedFolder", _folder.PathOf("models")),
        ("Cache:CacheFolder", _folder.PathOf("cache")),
        ("Workers:Models:0", "tiny"),
        .. settings,
    ]);

    [Fact]
    public async Task ModelThatDoesNotFit_IsRefusedInOneLine_AndTheOnlyOtherServesOn()
    {
        // A row of KV at full length takes 3 GiB.
        RandomGpt2 huge = RandomGpt2.Tiny with { Width = 64, Layers = 48, ContextLength = 131_072 };
        huge.Write(_folder.PathOf("models", "huge"));
        await using TestCluster cluster = await StartAsync(
            ("Workers:Limits:0:Model", "huge"), ("Workers:Limits:0:Rows", "256"), ("Workers:Limits:0:KvBytes", $"{1L << 50}"));

        ModelStatus status = await cluster.LoadAsync("Silo_0", "huge");

        (status.State, status.Problem!.Code).ShouldBe((ModelState.Failed, BeamlineErrorCode.NoRoom));
        status.Problem.Message.ShouldStartWith("huge needs ");
        status.Problem.Message.ShouldContain(" MiB for the KV cache of 256 rows; ");
        status.Problem.Message.ShouldNotContain("\n");
        (await cluster.Client.GenerateAsync(Requests.For(null), Token)).Model.ShouldBe("tiny");

        (await cluster.Worker("Silo_0").UnloadModelAsync("huge", Token)).ShouldBe(new ModelAnswer("huge", IsUnderWay: false));
        (await cluster.Worker("Silo_0").DescribeAsync()).Statuses.ShouldHaveSingleItem().ShouldBe(new("tiny", ModelState.Ready));
    }

    [Fact]
    public async Task DamagedModel_IsNamed_AndCanBeLoadedOnceItIsMended()
    {
        string folder = _folder.PathOf("models", "broken");
        RandomGpt2.Tiny.Write(folder);
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "");
        await using TestCluster cluster = await StartAsync();

        ModelStatus status = await cluster.LoadAsync("Silo_0", "broken");
        (status.State, status.Problem!.Code).ShouldBe((ModelState.Failed, BeamlineErrorCode.InvalidModel));

        RandomGpt2.Tiny.Write(folder);
        (await cluster.LoadAsync("Silo_0", "broken")).ShouldBe(new ModelStatus("broken", ModelState.Ready));
        BeamlineError unnamed = (await Should.ThrowAsync<BeamlineException>(
            cluster.Client.GenerateAsync(Requests.For(null), Token))).Error;
        (unnamed.Code, unnamed.Message).ShouldBe(
            (BeamlineErrorCode.InvalidRequest, "model is not given; allowed: one of broken, tiny"));
    }

    /// <summary>A pipe in a file's place: whoever opens it waits until somebody writes.</summary>
    [Fact]
    public async Task LoadThatDoesNotComeBack_IsGivenUp_AndTriedAgainWhenItHas()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no such pipes");
        string folder = _folder.PathOf("models", "stuck"), pipe = Path.Combine(folder, "tokenizer.json");
        RandomGpt2.Tiny.Write(folder);
        byte[] tokenizer = await File.ReadAllBytesAsync(pipe, Token);
        File.Delete(pipe);
        using (Process maker = Process.Start("mkfifo", pipe)) await maker.WaitForExitAsync(Token);
        await using TestCluster cluster = await StartAsync(("Workers:LoadLimit", "00:00:01"));
        IModelWorkerGrain worker = cluster.Worker("Silo_0");

        ModelStatus status = await cluster.LoadAsync("Silo_0", "stuck");

        (status.State, status.Problem!.Code).ShouldBe((ModelState.Failed, BeamlineErrorCode.DeadlineExceeded));
        (await worker.LoadModelAsync("stuck", Token)).Refusal!.Code.ShouldBe(BeamlineErrorCode.Conflict);
        (await worker.UnloadModelAsync("stuck", Token)).Refusal!.Code.ShouldBe(BeamlineErrorCode.Conflict);
        (await cluster.Client.GenerateAsync(Requests.For("tiny"), Token)).Model.ShouldBe("tiny");

        using (FileStream writer = new(pipe, FileMode.Open, FileAccess.Write))
        {
            File.Delete(pipe);
            await File.WriteAllBytesAsync(pipe, tokenizer, Token);
        }
        while ((await worker.LoadModelAsync("stuck", Token)).Refusal is not null) Token.ThrowIfCancellationRequested();
        await cluster.ShouldShowAsync("Silo_0", shown => shown.Statuses.All(model => model.State == ModelState.Ready));
    }
}
