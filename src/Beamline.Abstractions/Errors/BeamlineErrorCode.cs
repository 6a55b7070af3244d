namespace Beamline.Abstractions.Errors;

/// <summary>What kind of failure it is: one word, the same in grains, in HTTP answers and in the command line's exit code.</summary>
/// <param name="Value">Lower case, words joined by underscores; never empty.</param>
/// <remarks>An open set: a newer server may send a word that an older client does not know.</remarks>
[GenerateSerializer, Immutable, Alias("Beamline.BeamlineErrorCode")]
public readonly record struct BeamlineErrorCode([property: Id(0)] string Value)
{
    /// <summary>
    /// The request itself is wrong; <see cref="BeamlineError.Faults"/> names everything that is. Repeating it unchanged fails again.
    /// </summary>
    public static readonly BeamlineErrorCode InvalidRequest = new("invalid_request");

    /// <summary>No model of that name is known, or none of the workers serves it.</summary>
    public static readonly BeamlineErrorCode ModelNotFound = new("model_not_found");

    /// <summary>A model's files are missing, damaged or of a form that is not supported.</summary>
    public static readonly BeamlineErrorCode InvalidModel = new("invalid_model");

    /// <summary>No run of that id exists, or it was forgotten.</summary>
    public static readonly BeamlineErrorCode RequestNotFound = new("request_not_found");

    /// <summary>A run of that id exists, with other content; or what is to be changed is being changed already.</summary>
    public static readonly BeamlineErrorCode Conflict = new("conflict");

    /// <summary>Every queue is full; <see cref="BeamlineError.RetryAfter"/> says when to try again.</summary>
    public static readonly BeamlineErrorCode Overloaded = new("overloaded");

    /// <summary>No worker is there, or those that are there are leaving.</summary>
    public static readonly BeamlineErrorCode NoWorker = new("no_worker");

    /// <summary>Workers were lost again and again, beyond the bounded number of retries.</summary>
    public static readonly BeamlineErrorCode WorkerLost = new("worker_lost");

    /// <summary>The caller cancelled.</summary>
    public static readonly BeamlineErrorCode Cancelled = new("cancelled");

    /// <summary>The deadline passed before the first token.</summary>
    public static readonly BeamlineErrorCode DeadlineExceeded = new("deadline_exceeded");

    /// <summary>A file, or the cluster's storage, could not be written or read: a full disk, a missing permission, a lost server.</summary>
    public static readonly BeamlineErrorCode Storage = new("storage");

    /// <summary>The machine has not enough memory free for what is to be loaded.</summary>
    public static readonly BeamlineErrorCode NoRoom = new("no_room");

    /// <summary>Whoever asked is not allowed to.</summary>
    public static readonly BeamlineErrorCode Forbidden = new("forbidden");

    /// <summary>A setting of this process is wrong.</summary>
    public static readonly BeamlineErrorCode InvalidConfiguration = new("invalid_configuration");

    /// <summary>A fault of Beamline's own.</summary>
    public static readonly BeamlineErrorCode Internal = new("internal");

    /// <summary>Whether the caller has to change something before the same request can succeed.</summary>
    public bool IsCallersFault => this == InvalidRequest || this == ModelNotFound || this == RequestNotFound || this == Conflict
        || this == Forbidden;

    /// <summary>The word itself.</summary>
    public override string ToString() => Value;
}
