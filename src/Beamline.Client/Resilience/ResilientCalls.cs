using Beamline.Abstractions.Errors;
using Orleans.Runtime;

namespace Beamline.Client.Resilience;

/// <summary>Repeats grain calls that were lost; for a run, starts it again by the same id first.</summary>
/// <param name="start">
/// Starts the run, for the first time or again; idempotent. Null when there is nothing to start: then a lost call is only repeated.
/// </param>
/// <param name="budget">How often and how long.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="losses">When silos are lost; null when the calls themselves tell.</param>
/// <remarks>For one caller at a time. Every failure but a cancellation comes out as a <see cref="BeamlineException"/>.</remarks>
internal sealed class ResilientCalls(
    Func<bool, CancellationToken, ValueTask>? start, RetryBudget budget, TimeProvider time, LossSignal? losses = null)
{
    private bool _running = start is null;
    private bool _everRan;

    /// <summary>Makes one call, again and again where that helps.</summary>
    /// <exception cref="BeamlineException">Refused, failed, or lost more often than the budget allows.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan delay;
            try
            {
                if (!_running)
                {
                    await UntilLossAsync(StartAsync, cancellationToken);
                    _running = _everRan = true;
                }
                return await UntilLossAsync(call, cancellationToken);
            }
            catch (Exception failure) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("The caller cancelled.", failure, cancellationToken);
            }
            catch (Exception failure)
            {
                delay = DelayAfter(failure);
                _running = start is null;
            }
            await Task.Delay(delay, time, cancellationToken);
        }
    }

    /// <summary>Tells the budget that the run moved on.</summary>
    public void NoteProgress() => budget.Refill();

    private async ValueTask<bool> StartAsync(CancellationToken cancellationToken)
    {
        await start!(_everRan, cancellationToken);
        return true;
    }

    /// <summary>Makes a call and gives it up when a silo is lost before its answer is there: it may have been that one's.</summary>
    private async ValueTask<T> UntilLossAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (losses is null) return await call(cancellationToken);
        Task loss = losses.Next;
        using CancellationTokenSource given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> answer = call(given.Token).AsTask();
        if (await Task.WhenAny(answer, loss) == answer || answer.IsCompleted) return await answer;
        await given.CancelAsync();
        _ = answer.ContinueWith(
            static late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        throw new SiloUnavailableException("A silo was lost while the call was under way.");
    }

    private TimeSpan DelayAfter(Exception failure)
    {
        BeamlineError? error = (failure as BeamlineException)?.Error;
        bool heals = error is null ? CallFailure.IsLost(failure)
            : (_running && start is not null && CallFailure.IsCuredByStart(error.Code))
            || (_everRan && CallFailure.PassesWithTime(error.Code));
        if (!heals) throw CallFailure.ToTyped(failure);
        if (budget.TryTake(error?.RetryAfter ?? TimeSpan.Zero, out TimeSpan delay)) return delay;
        throw error is null ? CallFailure.GivenUp(failure, budget.Failures) : CallFailure.ToTyped(failure);
    }
}
