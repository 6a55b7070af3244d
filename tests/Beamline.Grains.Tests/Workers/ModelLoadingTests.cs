using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Tests.Clusters;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Workers;

/// <summary>Models come and go while the cluster runs.</summary>
public sealed class ModelLoadingTests(UndisturbedRuns alone) : IClassFixture<UndisturbedRuns>
{
    private const string Other = "tales@int8";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<TestCluster> StartAsync(int silos, params (string Name, string Value)[] settings) =>
        TestCluster.StartAsync(silos, _ => [("Workers:Engine:Threads", "1"), .. settings]);

    private static async Task<BeamlineError> RefusalAsync(TestCluster cluster, string? model) =>
        (await Should.ThrowAsync<BeamlineException>(() => cluster.Client.GenerateAsync(Requests.For(model), Token))).Error;

    [Fact]
    public async Task ModelOfOneSilo_GetsItsRequests_WhereverTheyEnter_WithItsOwnLimits()
    {
        await using TestCluster cluster = await StartAsync(
            2, ("Workers:Limits:0:Model", Other), ("Workers:Limits:0:Rows", "2"), ("Workers:Limits:0:KvBytes", "5000000"));
        (await RefusalAsync(cluster, Other)).Message.ShouldBe($"There is no model '{Other}'; served: tales.");

        (await cluster.LoadAsync("Silo_1", Other)).ShouldBe(new ModelStatus(Other, ModelState.Ready));

        ModelLoad load = (await cluster.Worker("Silo_1").DescribeAsync()).LoadOf(Other)!;
        (load.Rows, load.KvBytes).ShouldBe((2, 5_000_000));
        (await cluster.Worker("Silo_0").DescribeAsync()).Models.ShouldHaveSingleItem().Name.ShouldBe("tales");
        for (int i = 0; i < 8; i++)     // where a run is placed is drawn
        {
            GenerationResult result = await cluster.Client.GenerateAsync(Requests.For(Other), Token);
            result.Model.ShouldBe(Other);
        }
    }

    [Fact]
    public async Task TwoLoadsAtOnce_AreOne_AndAThirdFindsItDone()
    {
        await using TestCluster cluster = await StartAsync(1);
        IModelWorkerGrain worker = cluster.Worker("Silo_0");
        ModelAnswer[] answers = await Task.WhenAll(
            worker.LoadModelAsync(Other, Token).AsTask(), worker.LoadModelAsync(Other, Token).AsTask());
        answers.ShouldAllBe(answer => answer == new ModelAnswer(Other, true, null));
        await cluster.ShouldShowAsync("Silo_0", shown => shown.Statuses.All(status => status.State == ModelState.Ready));

        (await worker.LoadModelAsync(Other, Token)).ShouldBe(new ModelAnswer(Other, IsUnderWay: false));
        (await worker.LoadModelAsync("tales@fp32", Token)).ShouldBe(new ModelAnswer("tales", IsUnderWay: false));
        cluster.Events.Said.Count(line => line.Contains($"serves {Other}")).ShouldBe(1);
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("../models/tales")]
    [InlineData(null)]
    public async Task NameThatIsNotInTheCatalogue_IsNotLoaded(string? name)
    {
        name ??= Path.Combine(Repository.Root, "models", "tales");      // a whole model, which would load if it were looked at
        await using TestCluster cluster = await StartAsync(1);
        BeamlineError refusal = (await cluster.Worker("Silo_0").LoadModelAsync(name, Token)).Refusal!;
        refusal.Code.ShouldBe(BeamlineErrorCode.ModelNotFound);
        refusal.Message.ShouldStartWith($"There is no model '{name}' in the catalogue of Silo_0; known: tales");
        (await cluster.Worker("Silo_0").DescribeAsync()).Statuses.ShouldHaveSingleItem().Name.ShouldBe("tales");
        (await cluster.Worker("Silo_0").UnloadModelAsync(name, Token)).ShouldBe(new ModelAnswer(name, IsUnderWay: false));
    }

    [Fact]
    public async Task UnloadedWhereAnotherHasIt_SearchesMove_SameUpdates_AndItComesBack()
    {
        await using TestCluster cluster = await StartAsync(2);
        string left = "";
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(cluster, DisturbedRuns.NewRequests(), async () =>
        {
            left = await cluster.BusierAsync("Silo_0", "Silo_1");
            await cluster.UnloadAsync(left, "tales");
        });

        alone.ShouldHaveGiven(disturbed);
        cluster.Events.Said.ShouldContain(line => line.Contains($"{left}/cpu:0 unloads tales: its searches move to other workers"));
        cluster.Events.Said.ShouldContain(line => line.Contains("moves away"));
        WorkerDescription empty = await cluster.Worker(left).DescribeAsync();
        (empty.Models.Length, empty.KvBytes, empty.State).ShouldBe((0, 0, WorkerState.Ready));

        (await cluster.LoadAsync(left, "tales")).State.ShouldBe(ModelState.Ready);
        await cluster.UnloadAsync(left == "Silo_0" ? "Silo_1" : "Silo_0", "tales");
        alone.ShouldHaveGiven(await DisturbedRuns.RunAsync(cluster, DisturbedRuns.NewRequests()));
    }

    [Fact]
    public async Task LastCopyUnloaded_SearchesRunToTheirEnd_AndThenItIsAsIfItNeverWas()
    {
        await using TestCluster cluster = await StartAsync(1);
        Task? unloading = null;
        Task<BeamlineError>? during = null;
        ImmutableArray<List<GenerationUpdate>> disturbed = await DisturbedRuns.RunAsync(cluster, DisturbedRuns.NewRequests(), async () =>
        {
            unloading = cluster.UnloadAsync("Silo_0", "tales");
            await cluster.Events.WaitForAsync("unloads tales: its searches run to their end");
            during = RefusalAsync(cluster, "tales");
        });

        alone.ShouldHaveGiven(disturbed);
        await unloading!;
        foreach (BeamlineError refusal in new[] { await during!, await RefusalAsync(cluster, "tales"), await RefusalAsync(cluster, null) })
        {
            (refusal.Code, refusal.Message).ShouldBe(
                (BeamlineErrorCode.ModelNotFound, "There is no model 'tales'; served: none at present."));
        }
        (await RefusalAsync(cluster, "never")).Message.ShouldBe("There is no model 'never'; served: none at present.");
    }

    [Fact]
    public async Task SearchesThatOutlastTheLimit_AreEnded()
    {
        await using TestCluster cluster = await StartAsync(1, ("Workers:UnloadLimit", "00:00:00"), ("Sequences:WorkerWait", "00:00:00.3"));
        GenerationRequest request = Requests.Of(Requests.Long);
        await cluster.Sequence(request.Id).StartAsync(request, Token);
        await cluster.UnloadAsync("Silo_0", "tales");
        await cluster.Events.WaitForAsync("Searches of tales on Silo_0/cpu:0 did not end");
        (await Should.ThrowAsync<BeamlineException>(cluster.Client.GenerateAsync(request, Token))).Error.Code
            .ShouldBe(BeamlineErrorCode.NoWorker);
    }
}
