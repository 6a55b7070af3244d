using Microsoft.Extensions.Hosting;

namespace Beamline.ServiceDefaults.Processes;

/// <summary>Lets a part of a running process end it for a reason that its operator can change. Safe for concurrent use.</summary>
/// <param name="lifetime">Stops the process.</param>
public sealed class ProcessFault(IHostApplicationLifetime lifetime)
{
    private StartException? _reason;

    /// <summary>The first reason that was given; null while there is none.</summary>
    public StartException? Reason => Volatile.Read(ref _reason);

    /// <summary>Ends the process as a stop does; its exit code then is <see cref="ExitCode.CallersFault"/>.</summary>
    /// <param name="reason">What its operator has to change.</param>
    public void Raise(StartException reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        lifetime.StopApplication();
    }
}
