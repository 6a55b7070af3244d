using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Abstractions.Workers;
using Beamline.Client.Resilience;

namespace Beamline.Client;

/// <summary>Generates text on a cluster. The loss of a silo is a pause for its caller: no gap, no repeat.</summary>
/// <param name="grains">The Orleans client, or the silo of the same process.</param>
/// <param name="options">How patient it is; null takes the defaults.</param>
/// <param name="time">The clock of its waits; null takes the system's.</param>
/// <param name="losses">Says when silos are lost; null where the calls themselves do, as in a silo.</param>
/// <remarks>
/// Safe for concurrent use. Every failure is a <see cref="BeamlineException"/> with a typed error; cancellation is an
/// <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class BeamlineClient(
    IGrainFactory grains, BeamlineClientOptions? options = null, TimeProvider? time = null, LossSignal? losses = null)
{
    private readonly BeamlineClientOptions _options = options ?? new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Starts a run and follows it to its end.</summary>
    /// <param name="request">
    /// The same id with the same content is the same run: a client that lost its connection may start it again and read on.
    /// </param>
    /// <param name="from">The first position wanted; 0 or more.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>Updates with consecutive positions; the last one is <see cref="Completed"/> or <see cref="Failed"/>.</returns>
    /// <remarks>
    /// Who leaves before the last update, by the token or by ending the enumeration, cancels the run unless it is durable.
    /// </remarks>
    /// <exception cref="BeamlineException">The run was refused, or the cluster was lost for longer than the options allow.</exception>
    public async IAsyncEnumerable<GenerationUpdate> StreamAsync(
        GenerationRequest request,
        long from = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ISequenceGrain sequence = SequenceOf(request.Id);
        ResilientCalls calls = NewCalls(StartOf(sequence, request));
        bool mayRun = true;
        try
        {
            long position = from;
            while (mayRun)
            {
                UpdateReading reading;
                try
                {
                    reading = await calls.CallAsync(token => sequence.ReadAsync(position, token), cancellationToken);
                }
                catch (BeamlineException)
                {
                    mayRun = false;
                    throw;
                }
                if (reading.IsLast) mayRun = false;
                foreach (GenerationUpdate update in InOrder(reading, position))
                {
                    position = update.Position + 1;
                    calls.NoteProgress();
                    yield return update;
                }
            }
        }
        finally
        {
            if (mayRun && !request.Durable) await LeaveAsync(sequence);
        }
    }

    /// <summary>Follows a run that someone else started, from a position to its end; never cancels it.</summary>
    /// <param name="id">The run.</param>
    /// <param name="from">The first position wanted; 0 or more.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Updates with consecutive positions; the last one is <see cref="Completed"/> or <see cref="Failed"/>.</returns>
    /// <exception cref="BeamlineException">No such run, or the cluster was lost for longer than the options allow.</exception>
    public async IAsyncEnumerable<GenerationUpdate> ReadAsync(
        RequestId id,
        long from = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ISequenceGrain sequence = SequenceOf(id);
        ResilientCalls calls = NewCalls(start: null);
        long position = from;
        while (true)
        {
            UpdateReading reading = await calls.CallAsync(token => sequence.ReadAsync(position, token), cancellationToken);
            foreach (GenerationUpdate update in InOrder(reading, position))
            {
                position = update.Position + 1;
                calls.NoteProgress();
                yield return update;
            }
            if (reading.IsLast) yield break;
        }
    }

    /// <summary>Starts a run and waits for all of it.</summary>
    /// <param name="request">As in <see cref="StreamAsync"/>.</param>
    /// <param name="cancellationToken">Cancels the run unless it is durable.</param>
    /// <exception cref="BeamlineException">
    /// The run was refused or failed, or the cluster was lost for longer than the options allow.
    /// </exception>
    public async Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ISequenceGrain sequence = SequenceOf(request.Id);
        ResilientCalls calls = NewCalls(StartOf(sequence, request));
        try
        {
            while (true)
            {
                GenerationResult? result = await calls.CallAsync(sequence.AwaitCompletionAsync, cancellationToken);
                if (result is not null) return result;
                calls.NoteProgress();
            }
        }
        catch (OperationCanceledException) when (!request.Durable)
        {
            await LeaveAsync(sequence);
            throw;
        }
    }

    /// <summary>
    /// Starts a run and leaves it to itself; <see cref="ReadAsync"/> and <see cref="GetSnapshotAsync"/> tell of it later.
    /// </summary>
    /// <param name="request">As in <see cref="StreamAsync"/>; one that is not durable is cancelled when nobody reads it.</param>
    /// <param name="cancellationToken">Ends the waiting, and the run if it has not started by then.</param>
    /// <returns>Where it is; a durable one is stored by now.</returns>
    /// <exception cref="BeamlineException">The run was refused, or the cluster was lost for longer than the options allow.</exception>
    public Task<RunSnapshot> StartAsync(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ISequenceGrain sequence = SequenceOf(request.Id);
        return NewCalls(StartOf(sequence, request))
            .CallAsync(token => AsyncCall(Look(sequence), token), cancellationToken).AsTask();

        static async ValueTask<RunSnapshot> Look(ISequenceGrain sequence)
        {
            RunSnapshot snapshot = await sequence.GetSnapshotAsync();
            if (snapshot.State != RunState.Unknown) return snapshot;
            throw new BeamlineException(BeamlineErrorCode.RequestNotFound, "The run was lost as soon as it was started.");
        }
    }

    /// <summary>Where a run is, without waiting for it.</summary>
    /// <param name="id">The run; a run that is not known has <see cref="RunState.Unknown"/>.</param>
    /// <param name="cancellationToken">Ends the waiting for a lost cluster.</param>
    /// <exception cref="BeamlineException">The cluster was lost for longer than the options allow.</exception>
    public Task<RunSnapshot> GetSnapshotAsync(RequestId id, CancellationToken cancellationToken = default)
    {
        ISequenceGrain sequence = SequenceOf(id);
        return NewCalls(start: null).CallAsync(token => AsyncCall(sequence.GetSnapshotAsync(), token), cancellationToken).AsTask();
    }

    /// <summary>Ends a run within one step; nothing happens when it has ended or is not known.</summary>
    /// <param name="id">The run.</param>
    /// <param name="cancellationToken">Ends the waiting, not the cancelling.</param>
    /// <exception cref="BeamlineException">The cluster was lost for longer than the options allow.</exception>
    public Task CancelAsync(RequestId id, CancellationToken cancellationToken = default)
    {
        ISequenceGrain sequence = SequenceOf(id);
        return NewCalls(start: null).CallAsync(token => AsyncCall(Cancel(sequence), token), cancellationToken).AsTask();

        static async ValueTask<bool> Cancel(ISequenceGrain sequence)
        {
            await sequence.CancelAsync();
            return true;
        }
    }

    /// <summary>The models that some worker serves, each once, by name.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="BeamlineException">The cluster was lost for longer than the options allow.</exception>
    public async Task<ImmutableArray<ModelDescription>> ListModelsAsync(CancellationToken cancellationToken = default)
    {
        IWorkerDirectoryGrain directory = grains.GetGrain<IWorkerDirectoryGrain>(IWorkerDirectoryGrain.Key);
        ImmutableArray<WorkerDescription> workers = await NewCalls(start: null)
            .CallAsync(token => AsyncCall(directory.GetWorkersAsync(), token), cancellationToken);
        return
        [
            .. workers.SelectMany(worker => worker.Models)
                .DistinctBy(model => model.Name)
                .OrderBy(model => model.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// What is new in a reading. An older update may come again from a run that was computed again; a newer one must not be missing.
    /// </summary>
    private static IEnumerable<GenerationUpdate> InOrder(UpdateReading reading, long position)
    {
        foreach (GenerationUpdate update in reading.Updates)
        {
            if (update.Position < position) continue;
            if (update.Position > position)
            {
                throw new BeamlineException(
                    BeamlineErrorCode.Internal, $"Update {position} is missing: the cluster sent {update.Position} instead.");
            }
            position++;
            yield return update;
        }
    }

    // Calls without a token of their own would otherwise outlast their caller by the response timeout.
    private static async ValueTask<T> AsyncCall<T>(ValueTask<T> call, CancellationToken cancellationToken) =>
        await call.AsTask().WaitAsync(cancellationToken);

    private ISequenceGrain SequenceOf(RequestId id) => id.IsValid
        ? grains.GetGrain<ISequenceGrain>(id.Value)
        : throw new BeamlineException(BeamlineError.Invalid([new Fault("id", $"'{id.Value}'", RequestId.Rule)]));

    private static Func<bool, CancellationToken, ValueTask> StartOf(ISequenceGrain sequence, GenerationRequest request) =>
        (again, token) => again ? sequence.StartAgainAsync(request, token) : sequence.StartAsync(request, token);

    private ResilientCalls NewCalls(Func<bool, CancellationToken, ValueTask>? start) =>
        new(start, new RetryBudget(_options.Retries, _time, Random.Shared.NextDouble), _time, losses);

    /// <summary>Tells a run that nobody waits for it any more, as far as that can be told.</summary>
    private async Task LeaveAsync(ISequenceGrain sequence)
    {
        try
        {
            await sequence.CancelAsync().AsTask().WaitAsync(_options.CancelTime, _time);
        }
        catch (Exception)
        {
            // The silo is gone or stopping, so the run is too; the caller is to see why it left, not this.
        }
    }
}
