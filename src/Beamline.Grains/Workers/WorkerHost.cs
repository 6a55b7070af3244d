using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Grains.Directory;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>
/// This silo's devices in the silo's life: loads their models while the silo starts, announces them while it runs, drains them before it
/// leaves.
/// </summary>
internal sealed class WorkerHost(
    IOptions<WorkerOptions> options,
    IOptions<ModelCatalogueOptions> cache,
    LocalWorkers workers,
    ModelHost models,
    Announcer announcer,
    WorkerDirectoryCache directory,
    TimeProvider time) : IHostedLifecycleService, IDisposable
{
    private readonly WorkerOptions _options = options.Value;
    private readonly List<DeviceLock> _locks = [];
    private readonly string _lockFolder = Path.Combine(cache.Value.CacheFolder, "locks");
    private readonly CancellationTokenSource _stopping = new();
    private Task _loading = Task.CompletedTask;
    private Task? _announcing;

    /// <summary>
    /// Takes the devices, before anybody hears of them. Loading takes as long as the silo's own start: they run side by side.
    /// </summary>
    /// <exception cref="OptionsValidationException">Another process has one of the devices.</exception>
    /// <exception cref="BeamlineException">There is no model of a name.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_options.ExclusiveDevices) _locks.AddRange(workers.All.Select(worker => DeviceLock.Take(_lockFolder, worker.Id.Device)));
        if (workers.All.IsEmpty) return Task.CompletedTask;
        foreach (string name in _options.EffectiveModels) models.Require(name);
        _loading = Task.Run(LoadModels, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        if (workers.All.IsEmpty) return;
        await AnnounceAsync();
        _announcing = AnnounceAlwaysAsync();
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_announcing is null) return;        // the start was refused: nobody knows these workers
        await _announcing;
        foreach (DeviceWorker worker in workers.All)
        {
            worker.Drain();
            await announcer.WithdrawAsync(worker);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        workers.Dispose();      // before the locks: who takes a device after us finds it free
        foreach (DeviceLock device in _locks) device.Dispose();
        _stopping.Dispose();
    }

    private void LoadModels()
    {
        foreach (string name in _options.EffectiveModels.Distinct(StringComparer.Ordinal)) models.Load(name);
        foreach (DeviceWorker worker in workers.All) worker.MarkLoaded();
    }

    private async Task AnnounceAlwaysAsync()
    {
        using PeriodicTimer timer = new(AnnouncementPace.Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (DeviceWorker worker in workers.All)
                {
                    worker.Tend();
                    if (worker.HasLine) worker.Balance(await directory.GetAsync(worker.BalanceAge));
                }
                await AnnounceAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo leaves.
        }
    }

    private async Task AnnounceAsync()
    {
        foreach (DeviceWorker worker in workers.All)
        {
            WorkerDescription description = worker.Describe();
            if (worker.Pace.TryTake(description) && !await announcer.TryTellAsync(description)) return;
        }
    }
}
