namespace Beamline.Engine.Sessions;

/// <summary>What the kernel tells in files; a file that is not there, or not for us, tells nothing.</summary>
/// <param name="root">The folder that stands for <c>/</c>.</param>
internal sealed class SystemFiles(string root)
{
    /// <summary>The text of a file; null when it cannot be read.</summary>
    /// <param name="path">Its absolute path.</param>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Join(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The lines of a file; none when it cannot be read.</summary>
    public string[] ReadLines(string path) => Read(path)?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
