using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Selection;
using Beamline.Engine.Configuration;
using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>Makes an engine of a model's files. Takes long: the files are checked, imported at first use, and opened.</summary>
internal sealed partial class ModelLoader(
    ModelCatalogue catalogue, LocalWorkers workers, IOptions<WorkerOptions> options, TimeProvider time, ILogger<ModelLoader> logger)
{
    // One at a time: each counts what is free after the one before it, and running engines lose one core to it, not all.
    private readonly Lock _turn = new();

    /// <summary>Loads a model that has begun to load on a worker; when the load was given up meanwhile, nothing remains of it.</summary>
    /// <exception cref="BeamlineException">Unknown or damaged model, no place for its files, no room in memory.</exception>
    public void Load(DeviceWorker worker, string name)
    {
        lock (_turn)
        {
            if (!worker.Models.IsLoading(name)) return;     // given up while it waited for its turn
            InferenceEngine engine = Open(worker, name);
            if (worker.Models.TryServe(engine)) LogLoaded(name, worker.Id, engine.Rows, engine.KvBytes);
            else engine.Dispose();
        }
    }

    private InferenceEngine Open(DeviceWorker worker, string name)
    {
        CachedModel model = catalogue.Open(name);
        EngineOptions limits = options.Value.EngineFor(name);
        long kvBytes = KvBudget.Choose(model.Description, limits, model.WeightBytes, FreeMemory.Read() - workers.PromisedBytes);
        EngineModel opened = new(
            model.Description,
            BackendFactories.For(worker.Device, options.Value.Backend, model.GraphPath, model.Description, limits.Threads),
            new TokenizerBytes(model.LoadTokenizer()));
        return new InferenceEngine(opened, limits.With(limits.Rows, kvBytes), time, logger);
    }

    [LoggerMessage(LogLevel.Information, "{Worker} serves {Model} with {Rows} rows and {KvBytes} bytes of KV cache.")]
    private partial void LogLoaded(string model, WorkerId worker, int rows, long kvBytes);
}
