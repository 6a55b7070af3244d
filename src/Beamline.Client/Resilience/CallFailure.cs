using Beamline.Abstractions.Errors;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Beamline.Client.Resilience;

/// <summary>What a failed grain call means for the caller.</summary>
internal static class CallFailure
{
    /// <summary>Whether the call failed on its way or because its silo went away: its outcome is unknown and it may be repeated.</summary>
    public static bool IsLost(Exception failure) => failure
        is SiloUnavailableException
        or OrleansMessageRejectionException
        or ConnectionFailedException
        or GatewayTooBusyException
        or TimeoutException
        or OperationCanceledException;                // not ours: the caller's token was looked at before; the silo is stopping

    /// <summary>Whether starting the run again may heal what a reader of a started run sees.</summary>
    /// <remarks>A run that was lost while the storage is away may have been stored or not; its start knows whether that matters.</remarks>
    public static bool IsCuredByStart(BeamlineErrorCode code) =>
        code == BeamlineErrorCode.RequestNotFound || code == BeamlineErrorCode.Storage;

    /// <summary>Whether a restart was refused for want of room or storage, which passes when silos or the storage come back.</summary>
    public static bool PassesWithTime(BeamlineErrorCode code) =>
        code == BeamlineErrorCode.Overloaded || code == BeamlineErrorCode.NoWorker || code == BeamlineErrorCode.Storage;

    /// <summary>The typed form of a failure that no retry heals.</summary>
    public static BeamlineException ToTyped(Exception failure) => failure as BeamlineException
        ?? new BeamlineException(BeamlineErrorCode.Internal, $"The cluster failed unexpectedly: {failure.Message}", failure);

    /// <summary>The typed form of a lost call after the last retry.</summary>
    public static BeamlineException GivenUp(Exception failure, int retries) => new(
        BeamlineErrorCode.WorkerLost,
        $"The cluster did not answer after {retries} {(retries == 1 ? "retry" : "retries")}: check that its silos run, then try again.",
        failure);
}
