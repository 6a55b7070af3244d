using Beamline.Testing;

namespace Beamline.Architecture.Tests.Sources;

/// <summary>
/// The repository's own text files: what a commit would hold, without reading Git, so that an unpacked archive is checked too.
/// </summary>
internal static class SourceTree
{
    private static readonly string[] Folders = [".ci", "AppHost", "docs", "src", "tests"];
    private static readonly string[] OutputFolders = ["bin", "obj", "artifacts", "TestResults", "data"];
    private static readonly string[] Endings =
    [
        ".cs", ".csproj", ".props", ".targets", ".json", ".md", ".proto", ".razor", ".css", ".js", ".html", ".txt", ".yml", ".yaml",
        ".sql", ".sh", ".editorconfig", ".gitignore", "",
    ];

    public static IReadOnlyList<SourceFile> All { get; } = [.. Read().OrderBy(file => file.Path, StringComparer.Ordinal)];

    public static IEnumerable<SourceFile> Code => All.Where(file => file.IsCode);

    public static IEnumerable<SourceFile> Projects => All.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    private static IEnumerable<SourceFile> Read()
    {
        EnumerationOptions top = new() { AttributesToSkip = FileAttributes.None };
        IEnumerable<string> rooted = Directory.EnumerateFiles(Repository.Root, "*", top);
        IEnumerable<string> nested = Folders.Select(folder => Repository.File(folder)).Where(Directory.Exists).SelectMany(Walk);
        foreach (string path in rooted.Concat(nested))
        {
            if (!Endings.Contains(Path.GetExtension(path).ToLowerInvariant()) || IsGitsOwn(path)) continue;
            yield return new(Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), File.ReadAllText(path).Replace("\r\n", "\n"));
        }
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(child => !OutputFolders.Contains(Path.GetFileName(child)))
            .SelectMany(Walk));

    // A second work tree has a file of this name instead of a folder; it holds a machine's path and is never committed.
    private static bool IsGitsOwn(string path) => Path.GetFileName(path) == ".git";
}
