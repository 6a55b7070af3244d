using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;
using Beamline.Client;
using Beamline.Grains.Hosting;
using Beamline.Grains.Tests.Doubles;
using Beamline.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>Silos in this process over the embedded model, each with a worker unless told otherwise.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come: long, since it only ends tests that would hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly InProcessTestCluster _cluster;

    private TestCluster(InProcessTestCluster cluster, LogEvents events)
    {
        _cluster = cluster;
        Events = events;
        Client = new BeamlineClient(cluster.Client);
    }

    public BeamlineClient Client { get; }

    public IGrainFactory Grains => _cluster.Client;

    internal LogEvents Events { get; }

    /// <summary>Starts one.</summary>
    /// <param name="silos">Names of all silos: <c>Silo_0</c>, <c>Silo_1</c>, ...</param>
    /// <param name="settings">Settings of a silo by its name, without the leading <c>Beamline:</c>.</param>
    /// <param name="store">Storage and reminders that outlive the cluster; null keeps both in its silos' memory.</param>
    internal static async Task<TestCluster> StartAsync(
        int silos, Func<string, (string Name, string Value)[]> settings, SharedStore? store = null)
    {
        LogEvents events = new();
        InProcessTestClusterBuilder builder = new((short)silos);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.Configuration["Beamline:Workers:ExclusiveDevices"] = "false";
            silo.Configuration[TestDevice.Setting] = TestDevice.Backend;
            silo.Configuration["Beamline:Workers:Engine:ReadWait"] = silo.Configuration["Beamline:Sequences:ReadWait"] = "00:00:01";
            foreach ((string name, string value) in settings(options.SiloName)) silo.Configuration[$"Beamline:{name}"] = value;
            silo.AddBeamline(silo.Configuration);
            if (store is not null) store.AddTo(silo);
            else silo.AddMemoryGrainStorageAsDefault().UseInMemoryReminderService();
            silo.Services.AddLogging(logging => logging.AddProvider(events));
            // A dead silo is noticed soon, so that tests that kill one are short.
            silo.Services.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(2);
            });
        });
        // A client does not hear of a gateway's death: its call runs out. Reads are shorter than this, and a start may be made again.
        builder.ConfigureClient(client =>
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5)));
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return new(cluster, events);
    }

    public ISequenceGrain Sequence(RequestId id) => Grains.GetGrain<ISequenceGrain>(id.Value);

    public IBeamGrain Search(RequestId id) => Grains.GetGrain<IBeamGrain>(new SearchId(id, 0, 0).ToString());

    public IModelWorkerGrain Worker(string silo) => Grains.GetGrain<IModelWorkerGrain>(new WorkerId(silo, "cpu:0").ToString());

    /// <summary>The silo that has a grain's activation.</summary>
    public string SiloOf(IAddressable grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out IGrainContext? context)
        ? _cluster.Silos.Single(silo => silo.SiloAddress.Equals(context.Address.SiloAddress)).Name
        : throw new InvalidOperationException($"{grain.GetGrainId()} is not active.");

    /// <summary>Ends an activation, as a silo short of memory or a rebalancing would.</summary>
    public Task DeactivateAsync(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public Task DeactivatedAsync(IAddressable grain) => _cluster.WaitForDeactivationAsync(grain);

    /// <summary>Ends a silo without a goodbye.</summary>
    public Task KillAsync(string silo) => _cluster.KillSiloAsync(_cluster.Silos.Single(known => known.Name == silo));

    /// <summary>Of two silos the one whose worker has more to do.</summary>
    public async Task<string> BusierAsync(string one, string other) =>
        (await Worker(one).DescribeAsync()).FreeRows < (await Worker(other).DescribeAsync()).FreeRows ? one : other;

    /// <summary>Has a worker load a model, and waits until it has, or has failed to.</summary>
    public async Task<ModelStatus> LoadAsync(string silo, string model)
    {
        (await Worker(silo).LoadModelAsync(model, TestContext.Current.CancellationToken)).Refusal.ShouldBeNull();
        WorkerDescription worker = await ShouldShowAsync(
            silo, shown => shown.Statuses.Any(status => status.Name == model && status.State != ModelState.Loading));
        return worker.Statuses.Single(status => status.Name == model);
    }

    /// <summary>Has a worker unload a model, and waits until it has.</summary>
    public async Task UnloadAsync(string silo, string model)
    {
        ModelAnswer answer = await Worker(silo).UnloadModelAsync(model, TestContext.Current.CancellationToken);
        answer.ShouldBe(new ModelAnswer(model, IsUnderWay: true));
        await ShouldShowAsync(silo, shown => shown.Statuses.All(status => status.Name != model));
    }

    /// <summary>Asks a worker until it is as wanted; its figures lag a few steps behind.</summary>
    public async Task<WorkerDescription> ShouldShowAsync(string silo, Predicate<WorkerDescription> wanted)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            WorkerDescription worker = await Worker(silo).DescribeAsync();
            if (wanted(worker)) return worker;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (TimeProvider.System.GetElapsedTime(start) > Patience) throw new TimeoutException($"The worker still shows {worker}.");
        }
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
