using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Server.Tests.Fakes;

/// <summary>A run whose story follows from its request alone.</summary>
internal sealed class ScriptedRun(Func<GenerationRequest, ImmutableArray<GenerationUpdate>> tell) : ISequenceGrain
{
    private ImmutableArray<GenerationUpdate> _story = [];

    /// <summary>What was started.</summary>
    public GenerationRequest? Request { get; private set; }

    /// <summary>The position at which reading waits for ever; beyond the story: it does not.</summary>
    public long HangsAt { get; init; } = long.MaxValue;

    /// <summary>Completes when someone waits there.</summary>
    public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the run is cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        Request = request;
        _story = tell(request);
        return ValueTask.CompletedTask;
    }

    public ValueTask StartAgainAsync(GenerationRequest request, CancellationToken cancellationToken) =>
        StartAsync(request, cancellationToken);

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        if (Request is null) throw new BeamlineException(BeamlineErrorCode.RequestNotFound, "No such run.");
        if (from >= HangsAt) await HangAsync(cancellationToken);
        ImmutableArray<GenerationUpdate> updates = [.. _story.Where(u => u.Position >= from && u.Position < HangsAt).Take(2)];
        return new(updates, from + updates.Length == _story.Length);
    }

    public async ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        if (HangsAt < long.MaxValue) await HangAsync(cancellationToken);
        return _story[^1] is Failed failed ? throw new BeamlineException(failed.Error) : ((Completed)_story[^1]).Result;
    }

    public ValueTask<RunSnapshot> GetSnapshotAsync() => new(
        Request is null ? new RunSnapshot(RunState.Unknown, 0, 0, null, null)
        : Cancelled.Task.IsCompleted
            ? new(RunState.Failed, 2, 1, null, BeamlineError.Of(BeamlineErrorCode.Cancelled, "The request was cancelled."))
        : HangsAt < long.MaxValue ? new(RunState.Running, HangsAt, 1, null, null)
        : _story[^1] is Completed completed ? new(RunState.Completed, _story.Length, 3, completed.Result, null)
        : new(RunState.Failed, _story.Length, 1, null, ((Failed)_story[^1]).Error));

    public ValueTask CancelAsync()
    {
        Cancelled.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        Hanging.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
