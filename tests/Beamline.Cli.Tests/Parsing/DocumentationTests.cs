using Beamline.Cli.Parsing;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Parsing;

/// <summary>docs/cli.md says what the tool does today.</summary>
public sealed class DocumentationTests
{
    private const string Begin = "<!-- options: begin -->\n", End = "<!-- options: end -->";

    /// <summary>When it fails, the text it asks for belongs between the two marks of docs/cli.md.</summary>
    [Fact]
    public void Options_InTheDocs_AreThoseOfTheTable()
    {
        string text = File.ReadAllText(Repository.File("docs", "cli.md"));
        int start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        text[start..text.IndexOf(End, StringComparison.Ordinal)].ShouldBe(Table());
    }

    private static string Table()
    {
        IEnumerable<string> rows = new ParameterTable().Options.Select(
            option => $"| `{option.Option.Name}` | {option.Form} | {option.Option.Description!.Replace("|", "\\|")} |\n");
        return $"| option | value | what it does |\n|---|---|---|\n{string.Concat(rows)}";
    }
}
