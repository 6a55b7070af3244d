using System.Collections.Immutable;

namespace Beamline.Abstractions.Errors;

/// <summary>A failure as it is shown to a person and handled by code.</summary>
/// <param name="Code">What kind of failure.</param>
/// <param name="Message">One line that says what to do.</param>
/// <param name="Faults">All faults of an invalid input; empty otherwise.</param>
/// <param name="RetryAfter">How long to wait before the same request may succeed; null when waiting does not help.</param>
[GenerateSerializer, Immutable, Alias("Beamline.BeamlineError")]
public sealed record BeamlineError(
    [property: Id(0)] BeamlineErrorCode Code,
    [property: Id(1)] string Message,
    [property: Id(2)] ImmutableArray<Fault> Faults,
    [property: Id(3)] TimeSpan? RetryAfter = null)
{
    /// <summary>An error without faults.</summary>
    public static BeamlineError Of(BeamlineErrorCode code, string message, TimeSpan? retryAfter = null) =>
        new(code, message, [], retryAfter);

    /// <summary>An invalid input with all its faults, in one line.</summary>
    /// <param name="faults">At least one.</param>
    public static BeamlineError Invalid(ImmutableArray<Fault> faults) =>
        new(BeamlineErrorCode.InvalidRequest, string.Join(". ", faults), faults);
}
