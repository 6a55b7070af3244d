using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;

namespace Beamline.Cli.Tests.Fakes;

/// <summary>A run that says what a test wants it to.</summary>
internal sealed class FakeRun : ISequenceGrain
{
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ImmutableArray<string> Tokens { get; set; } = [" there", " was", " a fox."];

    public ImmutableArray<Hypothesis> Hypotheses { get; set; } = [new(0, 0, " there was a fox.", [5, 6, 7], null, FinishReason.Eos, [])];

    public ImmutableArray<string> Warnings { get; set; } = [];

    public BeamlineError? Refusal { get; set; }

    public BeamlineError? Failure { get; set; }

    /// <summary>Whether it waits for ever after its tokens.</summary>
    public bool Hangs { get; set; }

    /// <summary>Completes when it waits for ever.</summary>
    public Task Waiting => _waiting.Task;

    public GenerationRequest? Request { get; private set; }

    public int Cancels { get; private set; }

    private GenerationResult Result => new(Request!.Id, "tales", Hypotheses, new Usage(3, 3, 0), Warnings, 7);

    public ValueTask StartAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        Request = request;
        return Refusal is null ? ValueTask.CompletedTask : throw new BeamlineException(Refusal);
    }

    public ValueTask StartAgainAsync(GenerationRequest request, CancellationToken cancellationToken) =>
        StartAsync(request, cancellationToken);

    public async ValueTask<UpdateReading> ReadAsync(long from, CancellationToken cancellationToken)
    {
        if (from < Tokens.Length) return new([new TokenAppended(from, 0, 0, (int)from, Tokens[(int)from], null)], false);
        await HangAsync(cancellationToken);
        return Failure is not null ? new([new Failed(from, Failure)], true) : new([new Completed(from, Result)], true);
    }

    public async ValueTask<GenerationResult?> AwaitCompletionAsync(CancellationToken cancellationToken)
    {
        await HangAsync(cancellationToken);
        return Failure is null ? Result : throw new BeamlineException(Failure);
    }

    public ValueTask<RunSnapshot> GetSnapshotAsync() => throw new NotSupportedException();

    public ValueTask CancelAsync()
    {
        Cancels++;
        return ValueTask.CompletedTask;
    }

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        if (!Hangs) return;
        _waiting.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
