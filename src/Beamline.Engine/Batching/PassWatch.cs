namespace Beamline.Engine.Batching;

/// <summary>Times passes: how long the present one takes, and what a prompt's token costs. Written by the engine thread.</summary>
/// <param name="time">The clock.</param>
internal sealed class PassWatch(TimeProvider time)
{
    // A pass over few tokens says little of what a token costs; later passes count more than earlier ones.
    private const int TellingTokens = 16;
    private const double NewShare = 0.2;
    private long _start;

    /// <summary>Any thread: how long the present pass has taken so far; zero between passes.</summary>
    public TimeSpan Duration => Volatile.Read(ref _start) is var start and not 0 ? time.GetElapsedTime(start) : TimeSpan.Zero;

    /// <summary>Seconds that a prompt's token takes, as measured; 0 before the first.</summary>
    public double SecondsPerPromptToken { get; private set; }

    /// <summary>A pass begins.</summary>
    public void Begin() => Volatile.Write(ref _start, time.GetTimestamp());

    /// <summary>It has ended.</summary>
    /// <param name="promptTokens">Prompt tokens it computed; 0 when it failed or decoded.</param>
    public void End(int promptTokens)
    {
        if (promptTokens >= TellingTokens)
        {
            double seconds = time.GetElapsedTime(_start).TotalSeconds / promptTokens;
            SecondsPerPromptToken = SecondsPerPromptToken == 0
                ? seconds
                : SecondsPerPromptToken + (NewShare * (seconds - SecondsPerPromptToken));
        }
        Volatile.Write(ref _start, 0);
    }
}
