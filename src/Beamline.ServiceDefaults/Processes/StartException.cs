namespace Beamline.ServiceDefaults.Processes;

/// <summary>A process cannot start, for reasons that its operator can change.</summary>
/// <param name="lines">What to change, a line each; at least one.</param>
/// <param name="inner">What brought it to light.</param>
public sealed class StartException(IReadOnlyList<string> lines, Exception? inner = null) : Exception(string.Join(". ", lines), inner)
{
    /// <summary>What to change, a line each.</summary>
    public IReadOnlyList<string> Lines { get; } = lines;
}
