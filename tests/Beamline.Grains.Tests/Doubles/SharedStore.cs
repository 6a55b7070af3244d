using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>Storage and reminders of clusters that come and go, with faults on demand.</summary>
internal sealed class SharedStore
{
    private readonly ConcurrentDictionary<string, (byte[] Bytes, string ETag)> _states = new();
    private readonly SharedReminders _reminders = new();
    private long _version;

    /// <summary>Whether calls fail.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether calls wait for ever instead.</summary>
    public bool Hangs { get; set; }

    /// <summary>Called with each state before it is written.</summary>
    public Action<object> BeforeWrite { get; set; } = _ => { };

    /// <summary>Writes wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>States stored.</summary>
    public int States => _states.Count;

    /// <summary>Reminders stored.</summary>
    public int Reminders => _reminders.Count;

    /// <summary>Makes a silo use it.</summary>
    public void AddTo(ISiloBuilder silo)
    {
        silo.Services.AddGrainStorage(
            ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME, (services, _) => new Storage(this, services.GetRequiredService<Serializer>()));
        silo.AddReminders();
        silo.Services.AddSingleton<IReminderTable>(_reminders);
    }

    private async Task FailAsync()
    {
        if (Hangs) await Task.Delay(Timeout.InfiniteTimeSpan);
        if (IsAway) throw new IOException("The test took the storage away.");
    }

    private sealed class Storage(SharedStore store, Serializer serializer) : IGrainStorage
    {
        public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            await store.FailAsync();
            grainState.RecordExists = store._states.TryGetValue($"{grainId}/{stateName}", out (byte[] Bytes, string ETag) found);
            if (!grainState.RecordExists) return;
            (grainState.State, grainState.ETag) = (serializer.Deserialize<T>(found.Bytes)!, found.ETag);
        }

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            store.BeforeWrite(grainState.State!);
            await store.Gate;
            await store.FailAsync();
            Check(stateName, grainId, grainState);
            string etag = $"{Interlocked.Increment(ref store._version)}";
            store._states[$"{grainId}/{stateName}"] = (serializer.SerializeToArray(grainState.State), etag);
            (grainState.ETag, grainState.RecordExists) = (etag, true);
        }

        public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            await store.FailAsync();
            Check(stateName, grainId, grainState);
            store._states.TryRemove($"{grainId}/{stateName}", out _);
            (grainState.ETag, grainState.RecordExists) = (null, false);
        }

        private void Check<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            string? there = store._states.TryGetValue($"{grainId}/{stateName}", out (byte[] Bytes, string ETag) found) ? found.ETag : null;
            if (there != grainState.ETag) throw new InconsistentStateException($"{grainState.ETag} is not {there}.");
        }
    }
}
