using System.Text.RegularExpressions;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>What a source file declares and names, for <see cref="RoomGraph"/>. Comments do not count, nor what they refer to.</summary>
internal sealed partial class RoomFile
{
    private const string Attribute = "Attribute";

    /// <summary>Reads a file.</summary>
    public RoomFile(SourceFile file)
    {
        // Strings stay: what stands in the holes of one is code.
        string code = CommentOrString().Replace(file.Text, match => match.Value[0] == '/' ? " " : match.Value);
        Name = Path.GetFileName(file.Path);
        Room = NamespaceDeclaration().Match(code).Groups[1].Value;
        IReadOnlyList<Match> usings = UsingDirective().Matches(code);
        Usings = [.. usings.Select(match => match.Groups["room"].Value)];
        GlobalUsings = [.. usings.Where(match => match.Groups["global"].Success).Select(match => match.Groups["room"].Value)];
        string[] types = [.. TypeDeclaration().Matches(code).Select(match => match.Groups["name"].Value)];
        IEnumerable<string> attributes = types.Where(type => type.EndsWith(Attribute, StringComparison.Ordinal));
        Types = [.. types, .. attributes.Select(type => type[..^Attribute.Length])];
        Extensions = [.. ExtensionDeclaration().Matches(code).Select(match => match.Groups[1].Value).Distinct()];
        Names = [.. NameInCode().Matches(code).Select(match => match.Value).Distinct()];
        Calls = [.. MethodCall().Matches(code).Select(match => match.Groups[1].Value).Distinct()];
    }

    /// <summary>The file's name.</summary>
    public string Name { get; }

    /// <summary>Its namespace; empty where it has none.</summary>
    public string Room { get; }

    /// <summary>Namespaces it opens.</summary>
    public string[] Usings { get; }

    /// <summary>Those it opens for its whole project.</summary>
    public string[] GlobalUsings { get; }

    /// <summary>Types it declares, without those inside of others; attributes by both of their names.</summary>
    public string[] Types { get; }

    /// <summary>Extension methods it declares.</summary>
    public string[] Extensions { get; }

    /// <summary>Every name in it, with what follows behind dots: <c>Rooms.Type.Member</c>. Members of values are not among them.</summary>
    public string[] Names { get; }

    /// <summary>Methods it calls on something.</summary>
    public string[] Calls { get; }

    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|\"{3,}[\s\S]*?\"{3,}|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""")]
    private static partial Regex CommentOrString();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"^(?<global>global\s+)?using\s+(?<room>[\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*" +
        @"(?:record\s+struct|record\s+class|record|class|struct|interface|enum|delegate\s+\S+)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"\b(\w+)(?:<[^<>()]*>)?\(\s*this\s")]
    private static partial Regex ExtensionDeclaration();

    [GeneratedRegex(@"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)*")]
    private static partial Regex NameInCode();

    [GeneratedRegex(@"\.\s*(\w+)(?:<[^<>()]*>)?\(")]
    private static partial Regex MethodCall();
}
