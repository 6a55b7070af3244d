using System.Text.Json.Nodes;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Support;

/// <summary>A sound tokenizer.json of some thousand tokens, to be changed by tests.</summary>
public sealed class TokenizerJson
{
    private readonly JsonObject _root;

    private TokenizerJson(JsonObject root) => _root = root;

    /// <summary>That of the embedded model: 4,096 tokens, the first of which is the end token.</summary>
    public static TokenizerJson Tales() => Read(Path.Combine(TestModels.Tales, "tokenizer.json"));

    /// <summary>That of a folder's model.</summary>
    public static TokenizerJson Read(string file) => new(JsonNode.Parse(File.ReadAllText(file))!.AsObject());

    /// <summary>That of the smallest random model: 299 tokens and the end token.</summary>
    public static TokenizerJson Tiny()
    {
        using TemporaryFolder folder = new();
        RandomGpt2.Tiny.Write(folder.Path);
        return Read(folder.PathOf("tokenizer.json"));
    }

    /// <summary>Adds a token that is found as it stands.</summary>
    public TokenizerJson Add(string content, long id, bool special = true)
    {
        _root["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = false,
        });
        return this;
    }

    /// <summary>Puts a token into the base vocabulary, or gives it another id.</summary>
    public TokenizerJson SetBase(string token, JsonNode? id)
    {
        _root["model"]!["vocab"]![token] = id;
        return this;
    }

    /// <summary>Adds a merge.</summary>
    public TokenizerJson Merge(JsonNode? merge)
    {
        _root["model"]!["merges"]!.AsArray().Add(merge);
        return this;
    }

    /// <summary>Writes it.</summary>
    /// <returns>The file's path.</returns>
    public string Write(string file)
    {
        File.WriteAllText(file, _root.ToJsonString());
        return file;
    }
}
