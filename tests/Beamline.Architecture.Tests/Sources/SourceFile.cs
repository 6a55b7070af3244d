namespace Beamline.Architecture.Tests.Sources;

/// <summary>A text file of the repository.</summary>
/// <param name="Path">From the root, with forward slashes.</param>
/// <param name="Text">All of it, lines ended by line feeds.</param>
public sealed record SourceFile(string Path, string Text)
{
    /// <summary>Its lines.</summary>
    public string[] Lines => Text.Split('\n');

    /// <summary>Whether it is C#.</summary>
    public bool IsCode => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>Whether it belongs to the tests and not to a product.</summary>
    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>The name without folders and ending: <c>X</c> for <c>X.cs</c> and for its partial file <c>X.Log.cs</c>.</summary>
    public string TypeName => System.IO.Path.GetFileName(Path).Split('.')[0];
}
