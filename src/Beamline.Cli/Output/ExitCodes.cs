using Beamline.Abstractions.Errors;

namespace Beamline.Cli.Output;

/// <summary>What the tool's exit code says.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Ours to repair, or the machine's: repeating the same may succeed.</summary>
    public const int OurFault = 1;

    /// <summary>The caller has to change something.</summary>
    public const int CallersFault = 2;

    /// <summary>Ctrl-C: 128 and the number of SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>The code of an error.</summary>
    public static int Of(BeamlineErrorCode code) =>
        code == BeamlineErrorCode.Cancelled ? Interrupted
        : code.IsCallersFault || code == BeamlineErrorCode.InvalidModel || code == BeamlineErrorCode.InvalidConfiguration ? CallersFault
        : OurFault;
}
