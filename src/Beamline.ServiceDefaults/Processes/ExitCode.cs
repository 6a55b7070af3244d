namespace Beamline.ServiceDefaults.Processes;

/// <summary>What a Beamline process tells its caller when it ends.</summary>
public static class ExitCode
{
    /// <summary>It did what it was asked to do.</summary>
    public const int Success = 0;

    /// <summary>A failure of the machine or of Beamline itself.</summary>
    public const int Failure = 1;

    /// <summary>The caller has to change something: an argument, a setting, a port that is taken.</summary>
    public const int CallersFault = 2;
}
