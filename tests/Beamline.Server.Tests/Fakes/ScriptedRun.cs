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

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        if (from >= HangsAt) await HangAsync(cancellationToken);
        ImmutableArray<GenerationUpdate> updates = [.. _story.Where(u => u.Position >= from && u.Position < HangsAt).Take(2)];
        return new(updates, from + updates.Length == _story.Length);
    }

    public async ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        if (HangsAt < long.MaxValue) await HangAsync(cancellationToken);
        return _story[^1] is Failed failed ? throw new BeamlineException(failed.Error) : ((Completed)_story[^1]).Result;
    }

    public ValueTask<RunSnapshot> GetSnapshotAsync() => throw new NotSupportedException();

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
