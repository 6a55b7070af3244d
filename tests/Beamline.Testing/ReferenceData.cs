using System.Text.Json;

namespace Beamline.Testing;

/// <summary>
/// Reference cases by kind: from the folder that an environment variable names, else from <c>../shared</c>, else from <c>tests/data</c>.
/// </summary>
/// <param name="variable">The environment variable.</param>
/// <param name="folder">The folder's name in the two defaults.</param>
public sealed class ReferenceData(string variable, string folder)
{
    /// <summary>Decoding: processors, chains, whole searches, generations.</summary>
    public static readonly ReferenceData Golden = new("BEAMLINE_GOLDEN", "golden");

    /// <summary>Hugging Face folders with expected logits.</summary>
    public static readonly ReferenceData Checkpoints = new("BEAMLINE_CHECKPOINTS", "checkpoints");

    /// <summary>GGUF files with expected values.</summary>
    public static readonly ReferenceData Gguf = new("BEAMLINE_GGUF", "gguf");

    /// <summary>ONNX graphs with expected logits.</summary>
    public static readonly ReferenceData Onnx = new("BEAMLINE_ONNX", "onnx");

    /// <summary>Tokenizers with their cases.</summary>
    public static readonly ReferenceData Tokenizers = new("BEAMLINE_TOKENIZERS", "tokenizers");

    /// <summary>Chat templates with their cases.</summary>
    public static readonly ReferenceData Chat = new("BEAMLINE_CHAT", "chat");

    /// <summary>The folder in use.</summary>
    public string Folder { get; } = Find(variable, folder);

    /// <summary>A file or folder of this kind.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Folder, .. parts]);

    /// <summary>Whether a file is there; large ones are left out of <c>tests/data</c>.</summary>
    public bool Has(params string[] parts) => File.Exists(PathOf(parts)) || Directory.Exists(PathOf(parts));

    /// <summary>The cases of a JSON Lines file. Only line feeds end a line: cases hold other separators.</summary>
    public IEnumerable<JsonElement> Cases(params string[] parts)
    {
        foreach (string line in File.ReadAllText(PathOf(parts)).Split('\n'))
        {
            if (line.Length == 0) continue;
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private static string Find(string variable, string folder)
    {
        string? named = Environment.GetEnvironmentVariable(variable);
        if (!string.IsNullOrEmpty(named)) return Path.GetFullPath(named);
        string shared = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", folder));
        return Directory.Exists(shared) ? shared : Repository.File("tests", "data", folder);
    }
}
