using System.Collections.Immutable;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends.Devices;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Beamline.Grains.Workers;

/// <summary>The devices of this silo.</summary>
internal sealed class LocalWorkers : IDisposable
{
    public LocalWorkers(IOptions<WorkerOptions> options, ILocalSiloDetails silo, TimeProvider time)
    {
        // Later starts have later epochs; nothing else is read into the number.
        long epoch = time.GetUtcNow().UtcTicks;
        All =
        [
            .. options.Value.EffectiveDevices.Select(
                device => new DeviceWorker(new(silo.Name, device), epoch, options.Value, ExecutionDevices.NumericsOf(device), time)),
        ];
    }

    /// <summary>All of them; none where the options say so.</summary>
    public ImmutableArray<DeviceWorker> All { get; }

    /// <summary>Bytes that their models may still take beside those in use.</summary>
    public long PromisedBytes => All.Sum(worker => worker.Models.Engines.Sum(engine => engine.PromisedBytes));

    /// <summary>The worker of an id; null when this silo does not own that device.</summary>
    public DeviceWorker? Find(WorkerId id) => All.FirstOrDefault(worker => worker.Id == id);

    public void Dispose()
    {
        foreach (DeviceWorker worker in All) worker.Dispose();
    }
}
