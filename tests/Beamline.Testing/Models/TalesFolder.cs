using System.Text.Json.Nodes;

namespace Beamline.Testing.Models;

/// <summary>Copies of the embedded model whose tokenizer knows more tokens, such as padding.</summary>
public static class TalesFolder
{
    /// <summary>Writes one.</summary>
    /// <param name="folder">Where to; made when it is missing.</param>
    /// <param name="tokens">What is added, special, with its id; the model has 4,096.</param>
    public static void Write(string folder, params (string Content, int Id)[] tokens)
    {
        Directory.CreateDirectory(folder);
        // By content: a copy is writable whatever the original is.
        foreach (string file in Directory.EnumerateFiles(Repository.File("models", "tales")))
        {
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(file)), File.ReadAllBytes(file));
        }
        string path = Path.Combine(folder, "tokenizer.json");
        JsonNode root = JsonNode.Parse(File.ReadAllText(path))!;
        foreach ((string content, int id) in tokens)
        {
            root["added_tokens"]!.AsArray().Add(new JsonObject
            {
                ["id"] = id, ["content"] = content, ["special"] = true, ["normalized"] = false,
            });
        }
        File.WriteAllText(path, root.ToJsonString());
    }
}
