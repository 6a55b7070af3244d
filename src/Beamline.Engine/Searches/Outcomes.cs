using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Searches;

/// <summary>How searches end other than by their own last step.</summary>
internal static class Outcomes
{
    /// <summary>The search ran to its end.</summary>
    public static SearchOutcome Completed(EngineSearch search) => new(search.Search!.GetResults(), null, Retryable: false, 0, 0);

    /// <summary>The machine failed it: somebody else, or the same engine later, can go on with it.</summary>
    public static SearchOutcome Lost(string message) =>
        new([], BeamlineError.Of(BeamlineErrorCode.WorkerLost, message), Retryable: true, 0, 0);

    /// <summary>It waited here while another worker has room.</summary>
    public static SearchOutcome GivenBack(string model) =>
        new([], BeamlineError.Of(BeamlineErrorCode.Overloaded, $"Another worker has room for {model}."), Retryable: true, 0, 0);

    /// <summary>It has grown beyond the whole memory for KV: a worker that has more can go on with it.</summary>
    public static SearchOutcome OutOfRoom(string model, int tokens) => new(
        [],
        BeamlineError.Of(
            BeamlineErrorCode.NoRoom, $"The KV cache of {model} here cannot hold more than {Counted.Of(tokens, "token")} of it."),
        Retryable: true,
        0,
        0);

    /// <summary>Its own input makes the model fail: it would fail everywhere.</summary>
    public static SearchOutcome Impossible(string model, string reason) =>
        Failed(BeamlineErrorCode.Internal, $"{model} cannot compute this input: {reason}");

    /// <summary>A defect of Beamline's own hit it alone.</summary>
    public static SearchOutcome Defective { get; } = Failed(BeamlineErrorCode.Internal, "The search failed by a fault of Beamline's own.");

    /// <summary>The caller cancelled it.</summary>
    public static SearchOutcome Cancelled { get; } = Failed(BeamlineErrorCode.Cancelled, "The request was cancelled.");

    /// <summary>Its time was over before it began.</summary>
    public static SearchOutcome TooLate { get; } =
        Failed(BeamlineErrorCode.DeadlineExceeded, "The deadline passed before the first token.");

    private static SearchOutcome Failed(BeamlineErrorCode code, string message) =>
        new([], BeamlineError.Of(code, message), Retryable: false, 0, 0);
}
