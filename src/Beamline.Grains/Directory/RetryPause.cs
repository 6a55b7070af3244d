namespace Beamline.Grains.Directory;

/// <summary>
/// How long to wait before the directory is asked again: short at first, since most waits are for a worker that is about to be ready.
/// </summary>
internal static class RetryPause
{
    /// <summary>The first one.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    /// <summary>The one after another.</summary>
    public static TimeSpan After(TimeSpan pause) => pause * 2 < Longest ? pause * 2 : Longest;
}
