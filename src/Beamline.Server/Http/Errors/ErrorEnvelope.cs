using Beamline.Abstractions.Errors;

namespace Beamline.Server.Http.Errors;

/// <summary>The body of every answer that is not a success, in OpenAI's form.</summary>
/// <param name="Error">What is wrong.</param>
internal sealed record ErrorEnvelope(ErrorBody Error)
{
    /// <summary>The answer to an error.</summary>
    public static ErrorEnvelope Of(BeamlineError error)
    {
        HttpFailure failure = HttpFailure.Of(error.Code);
        ErrorFault[] faults = [.. error.Faults.Select(f => new ErrorFault(f.Field, f.ToString()))];
        ErrorBody body = faults.Length > 0
            ? new(error.Message, failure.Type, faults[0].Param, error.Code.Value, faults)
            : new(error.Message, failure.Type, null, error.Code.Value, null);
        return new(body);
    }
}
