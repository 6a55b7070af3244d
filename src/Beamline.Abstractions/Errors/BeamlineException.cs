namespace Beamline.Abstractions.Errors;

/// <summary>Carries a <see cref="BeamlineError"/> through a call, across silos too.</summary>
[GenerateSerializer, Alias("Beamline.BeamlineException")]
public sealed class BeamlineException : Exception
{
    /// <summary>Wraps an error; its message becomes the exception's.</summary>
    public BeamlineException(BeamlineError error, Exception? inner = null) : base(error.Message, inner) => Error = error;

    /// <summary>An error of one code and message.</summary>
    public BeamlineException(BeamlineErrorCode code, string message, Exception? inner = null) : this(BeamlineError.Of(code, message), inner)
    {
    }

    /// <summary>The typed error.</summary>
    [Id(0)]
    public BeamlineError Error { get; }
}
