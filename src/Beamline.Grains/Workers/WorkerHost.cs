using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Engine;
using Beamline.Engine.Sessions;
using Beamline.Grains.Directory;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Beamline.Grains.Workers;

/// <summary>
/// Owns this silo's devices: loads their models while the silo starts, announces them while it runs, drains them before it leaves.
/// </summary>
internal sealed partial class WorkerHost : IHostedLifecycleService, IDisposable
{
    private readonly WorkerOptions _options;
    private readonly ModelCatalogue _catalogue;
    private readonly IGrainFactory _grains;
    private readonly WorkerDirectoryCache _directory;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerHost> _logger;
    private readonly List<DeviceWorker> _workers = [];
    private readonly List<DeviceLock> _locks = [];
    private readonly string _lockFolder;
    private readonly CancellationTokenSource _stopping = new();
    private Task _loading = Task.CompletedTask;
    private Task? _announcing;

    public WorkerHost(
        IOptions<WorkerOptions> options,
        IOptions<ModelCatalogueOptions> cache,
        ModelCatalogue catalogue,
        ILocalSiloDetails silo,
        IGrainFactory grains,
        WorkerDirectoryCache directory,
        TimeProvider time,
        ILogger<WorkerHost> logger)
    {
        _options = options.Value;
        _lockFolder = Path.Combine(cache.Value.CacheFolder, "locks");
        _catalogue = catalogue;
        _grains = grains;
        _directory = directory;
        _time = time;
        _logger = logger;
        // Later starts have later epochs; nothing else is read into the number.
        long epoch = time.GetUtcNow().UtcTicks;
        string fingerprint = NumericsFingerprint.Current;
        foreach (string device in _options.EffectiveDevices)
        {
            _workers.Add(new DeviceWorker(new(silo.Name, device), epoch, _options, fingerprint, time));
        }
    }

    /// <summary>Completes when every model is loaded; faults with why one could not be.</summary>
    public Task Loading => _loading;

    /// <summary>The worker of an id; null when this silo does not own that device.</summary>
    public DeviceWorker? Find(WorkerId id) => _workers.Find(worker => worker.Id == id);

    /// <summary>
    /// Takes the devices, before anybody hears of them. Loading takes as long as the silo's own start: they run side by side.
    /// </summary>
    /// <exception cref="OptionsValidationException">Another process has one of the devices.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_options.ExclusiveDevices) _locks.AddRange(_workers.Select(worker => DeviceLock.Take(_lockFolder, worker.Id.Device)));
        if (_workers.Count > 0) _loading = Task.Run(LoadModels, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        if (_workers.Count == 0) return;
        await AnnounceAsync();
        _announcing = AnnounceAlwaysAsync();
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_announcing is null) return;        // the start was refused: nobody knows these workers
        await _announcing;
        foreach (DeviceWorker worker in _workers)
        {
            worker.Drain();
            try
            {
                await _grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).WithdrawAsync(worker.Id, worker.Epoch);
            }
            catch (Exception e)
            {
                LogDirectoryUnreachable(e);     // the announcement expires by itself
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (DeviceWorker worker in _workers) worker.Dispose();
        foreach (DeviceLock device in _locks) device.Dispose();
        _stopping.Dispose();
    }

    private void LoadModels()
    {
        foreach (string name in _options.EffectiveModels)
        {
            CachedModel model = _catalogue.Open(name);
            EngineModel loaded = new(
                model.Description,
                new OnnxSessionFactory(model.GraphPath, model.Description, _options.Engine.Threads),
                new TokenizerBytes(model.LoadTokenizer()));
            foreach (DeviceWorker worker in _workers)
            {
                worker.Add(new InferenceEngine(loaded, _options.Engine, _time, _logger));
                LogLoaded(name, worker.Id);
            }
        }
        foreach (DeviceWorker worker in _workers) worker.MarkLoaded();
    }

    private async Task AnnounceAlwaysAsync()
    {
        using PeriodicTimer timer = new(AnnouncementPace.Tick, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                foreach (DeviceWorker worker in _workers)
                {
                    worker.Tend();
                    if (worker.HasLine) worker.Balance(await _directory.GetAsync(worker.BalanceAge));
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
        try
        {
            foreach (DeviceWorker worker in _workers)
            {
                WorkerDescription description = worker.Describe();
                if (!worker.Pace.TryTake(description)) continue;
                _directory.Update(description);
                await _grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key).AnnounceAsync(description);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogDirectoryUnreachable(e);     // the next announcement is soon
        }
    }

    [LoggerMessage(LogLevel.Information, "{Worker} serves {Model}.")]
    private partial void LogLoaded(string model, WorkerId worker);

    [LoggerMessage(LogLevel.Warning, "The worker directory cannot be reached.")]
    private partial void LogDirectoryUnreachable(Exception failure);
}
