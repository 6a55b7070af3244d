using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Client.Tests.Fakes;

/// <summary>A run whose story is fixed. It forgets that it was started when a test loses its silo, and computes the same again.</summary>
/// <param name="story">All updates, positions 0 to n - 1.</param>
internal sealed class FakeSequence(ImmutableArray<GenerationUpdate> story) : ISequenceGrain
{
    private readonly Dictionary<int, Exception> _faults = [];

    /// <summary>Updates a reading holds at most; 0 gives an empty reading before each.</summary>
    public int ReadingSize { get; init; } = 2;

    /// <summary>Whether every second reading is empty, as when the grain's wait ran out.</summary>
    public bool WithEmptyReadings { get; init; }

    /// <summary>Completes when the first read waits for ever.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The position at which a read waits until it is cancelled; beyond the story: none does.</summary>
    public long HangsAt { get; init; } = long.MaxValue;

    /// <summary>Whether only the first read that gets there waits.</summary>
    public bool HangsOnce { get; init; }

    /// <summary>Calls so far, starts and reads together.</summary>
    public int Calls { get; private set; }

    public int Starts { get; private set; }

    /// <summary>Those of them that said the run had been lost.</summary>
    public int StartsAgain { get; private set; }

    public int Cancels { get; private set; }

    public bool IsStarted { get; private set; }

    public Exception? CancelFailure { get; init; }

    /// <summary>Makes the call of that number, from 0, fail; the run is forgotten then.</summary>
    public FakeSequence FailAt(int call, Exception failure)
    {
        _faults[call] = failure;
        return this;
    }

    public ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        Enter();
        Starts++;
        IsStarted = true;
        return ValueTask.CompletedTask;
    }

    public ValueTask StartAgainAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        StartsAgain++;
        return StartAsync(request, cancellationToken);
    }

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        Enter();
        Require();
        if (from >= HangsAt && !(HangsOnce && Waiting.Task.IsCompleted))
        {
            Waiting.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        if (WithEmptyReadings && Calls % 2 == 0) return new([], false);
        ImmutableArray<GenerationUpdate> updates = [.. story.Skip((int)from).Take(ReadingSize)];
        return new(updates, from + updates.Length >= story.Length);
    }

    public ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        Enter();
        Require();
        if (WithEmptyReadings && Calls % 2 == 0) return new((GenerationResult?)null);
        return story[^1] switch
        {
            Completed completed => new(completed.Result),
            Failed failed => throw new BeamlineException(failed.Error),
            _ => throw new InvalidOperationException("The story has no end."),
        };
    }

    public ValueTask<RunSnapshot> GetSnapshotAsync()
    {
        Enter();
        return new(new RunSnapshot(IsStarted ? RunState.Running : RunState.Unknown, story.Length, story.Length, null, null));
    }

    public ValueTask CancelAsync()
    {
        Cancels++;
        return CancelFailure is null ? ValueTask.CompletedTask : ValueTask.FromException(CancelFailure);
    }

    private void Enter()
    {
        if (!_faults.TryGetValue(Calls++, out Exception? failure)) return;
        IsStarted = false;
        throw failure;
    }

    private void Require()
    {
        if (!IsStarted) throw new BeamlineException(BeamlineErrorCode.RequestNotFound, "No such run.");
    }
}
