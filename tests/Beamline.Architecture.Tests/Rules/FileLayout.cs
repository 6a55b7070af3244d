using System.Text.RegularExpressions;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>Where code stands: namespaces follow folders, and a file holds one type, after which it is named.</summary>
internal static partial class FileLayout
{
    /// <summary>What a source file does that the layout forbids.</summary>
    public static IEnumerable<string> Violations(SourceFile file)
    {
        MatchCollection types = TypeDeclaration().Matches(file.Text);
        string? actual = NamespaceDeclaration().Match(file.Text) is { Success: true } match ? match.Groups[1].Value : null;
        string expected = NamespaceOf(file.Path);
        if (types.Count > 0 && actual != expected) yield return $"{file.Path}: the namespace is {expected}, not {actual ?? "none"}";
        if (actual?.StartsWith("Orleans", StringComparison.Ordinal) == true) yield return $"{file.Path}: the namespace begins with Orleans";
        if (types.Count == 0) yield break;

        string first = types[0].Groups["name"].Value;
        if (first != file.TypeName) yield return $"{file.Path}: its type is {first}";
        foreach (Match other in types.Skip(1))
        {
            // The closed cases of one union stand with it.
            bool isCase = Regex.IsMatch(BaseListOf(file.Text, other), $@"^{first}\b");
            if (!isCase) yield return $"{file.Path}: {other.Groups["name"].Value} wants a file of its own";
        }
        if (file.Lines.Length > MaxLines) yield return $"{file.Path}: {file.Lines.Length} lines; at most {MaxLines}";
        for (int i = 0; i < file.Lines.Length; i++)
        {
            int columns = file.Lines[i].Length;
            if (columns > MaxColumns) yield return $"{file.Path}:{i + 1}: {columns} columns; at most {MaxColumns}";
        }
    }

    private const int MaxLines = 400;
    private const int MaxColumns = 140;

    /// <summary>The namespace that a path stands for.</summary>
    public static string NamespaceOf(string path)
    {
        string[] parts = path.Split('/')[..^1];
        return parts[0] == "AppHost" ? string.Join('.', ["Beamline", .. parts]) : string.Join('.', parts.Skip(1));
    }

    // What a type derives from: behind its name or its parameter list. Types stand in column 0, so the text up to the body is its head.
    private static string BaseListOf(string text, Match type)
    {
        int index = type.Index + type.Length, depth = 0;
        for (; index < text.Length && text[index] is not ('{' or ';'); index++)
        {
            if (text[index] is '(' or '<' or '[') depth++;
            else if (text[index] is ')' or '>' or ']') depth--;
            else if (text[index] == ':' && depth == 0) return text[(index + 1)..].TrimStart();
        }
        return "";
    }

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*" +
        @"(?:record\s+struct|record\s+class|record|class|struct|interface|enum|delegate\s+\S+)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();
}
