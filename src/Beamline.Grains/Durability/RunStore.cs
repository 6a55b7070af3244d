using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.Timers;

namespace Beamline.Grains.Durability;

/// <summary>
/// Durable requests in the cluster's storage, each with a reminder that comes back until the request is removed. Every call is bounded.
/// </summary>
/// <remarks>
/// Called from grains only, by any number of them. The reminder is made first and removed last: one that finds nothing stored removes
/// itself, while a request without one would stay for ever.
/// </remarks>
internal sealed partial class RunStore(
    IServiceProvider services, RunCodec codec, IOptions<DurableOptions> options, TimeProvider time, ILogger<RunStore> logger)
{
    private const string Name = "run";

    private readonly DurableOptions _options = options.Value;
    private readonly IGrainStorage? _storage =
        services.GetKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME) ?? services.GetService<IGrainStorage>();

    private readonly IReminderRegistry? _reminders = services.GetService<IReminderRegistry>();
    private long _awayUntil = long.MinValue;

    /// <summary>What is stored under a request's grain; an outcome that is no longer kept counts as nothing.</summary>
    /// <exception cref="BeamlineException">The storage does not answer, or what it has cannot be read.</exception>
    public async Task<RunSlot> FindAsync(GrainId grain)
    {
        if (_storage is not { } storage) return RunSlot.Empty;
        GrainState<StoredState> state = new(new());
        await CallAsync(() => storage.ReadStateAsync(Name, grain, state));
        if (!state.RecordExists) return new(state.ETag, IsTaken: false, null);
        return new(state.ETag, IsTaken: true, ReadKept(state.State!));
    }

    /// <summary>As <see cref="FindAsync"/>, for requests that do not need the storage: when it is away, nothing is found.</summary>
    public async Task<RunSlot> LookAsync(GrainId grain)
    {
        try
        {
            return await FindAsync(grain);
        }
        catch (BeamlineException)
        {
            return RunSlot.Empty;
        }
    }

    /// <summary>Stores a request that starts, and its reminder.</summary>
    /// <exception cref="BeamlineException">The request is too large, or the storage does not take it.</exception>
    public async Task<RunSlot> AddAsync(GrainId grain, RunSlot slot, GenerationRequest request)
    {
        StoredRun run = new(request, 0, time.GetUtcNow(), [], null);
        StoredState state = codec.Encode(run);      // what is too large leaves nothing behind
        await RemindAsync(grain, _options.RestartInterval);
        return await WriteAsync(grain, slot, run, state);
    }

    /// <summary>Stores how far a run is.</summary>
    /// <exception cref="BeamlineException">The storage does not take it.</exception>
    public Task<RunSlot> SaveAsync(GrainId grain, RunSlot slot, StoredRun run) => WriteAsync(grain, slot, run, codec.Encode(run));

    /// <summary>Sets when the reminder comes next; it comes again after each <see cref="DurableOptions.RestartInterval"/>.</summary>
    /// <exception cref="BeamlineException">The storage does not take it.</exception>
    public Task RemindAsync(GrainId grain, TimeSpan due)
    {
        IReminderRegistry reminders = _reminders ?? throw NotThere();
        return CallAsync(() => reminders.RegisterOrUpdateReminder(
            grain, Name, due > TimeSpan.Zero ? due : TimeSpan.Zero, _options.RestartInterval));
    }

    /// <summary>Removes everything: what is stored, then the reminder.</summary>
    /// <exception cref="BeamlineException">The storage does not do it.</exception>
    public async Task RemoveAsync(GrainId grain, RunSlot slot)
    {
        if (_storage is { } storage && slot.IsTaken)
        {
            await CallAsync(() => storage.ClearStateAsync(
                Name, grain, new GrainState<StoredState>(new(), slot.ETag) { RecordExists = true }));
        }
        if (_reminders is not { } reminders) return;
        await CallAsync(async () =>
        {
            if (await reminders.GetReminder(grain, Name) is { } reminder) await reminders.UnregisterReminder(grain, reminder);
        });
    }

    /// <summary>The run, unless its time is over; one that cannot be read has the time of a run that never found a worker.</summary>
    private StoredRun? ReadKept(StoredState state)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (state.Ended is { } ended && now - ended >= _options.KeepFinished) return null;
        try
        {
            return codec.Decode(state);
        }
        catch (BeamlineException) when (now - state.Started >= _options.KeepUnfinished + _options.KeepFinished)
        {
            return null;
        }
    }

    private async Task<RunSlot> WriteAsync(GrainId grain, RunSlot slot, StoredRun run, StoredState encoded)
    {
        IGrainStorage storage = _storage ?? throw NotThere();
        GrainState<StoredState> state = new(encoded, slot.ETag) { RecordExists = slot.IsTaken };
        await CallAsync(() => storage.WriteStateAsync(Name, grain, state));
        return new(state.ETag, IsTaken: true, run);
    }

    private async Task CallAsync(Func<Task> call)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _awayUntil)) throw Away(null);
        Task? answer = null;
        try
        {
            answer = call();
            await answer.WaitAsync(_options.StorageWait, time);
        }
        catch (InconsistentStateException e)
        {
            const string problem = "Another silo stored the request meanwhile; try again.";
            throw new BeamlineException(BeamlineError.Of(BeamlineErrorCode.Storage, problem, _options.StorageRetry), e);
        }
        catch (Exception e)
        {
            answer?.Ignore();
            Volatile.Write(
                ref _awayUntil, time.GetTimestamp() + (long)(_options.StorageRetry.TotalSeconds * time.TimestampFrequency));
            LogAway(e.Message);
            throw Away(e);
        }
    }

    private static BeamlineException NotThere() => new(
        BeamlineErrorCode.Storage, "This cluster has no storage or no reminders, which durable requests need; configure both.");

    private BeamlineException Away(Exception? cause) => new(
        BeamlineError.Of(BeamlineErrorCode.Storage, "The cluster's storage does not answer; try again.", _options.StorageRetry), cause);

    [LoggerMessage(LogLevel.Warning, "The storage of durable requests does not answer: {Problem}")]
    private partial void LogAway(string problem);
}
