using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Requests;

/// <summary>What a run continues: text or token ids.</summary>
[GenerateSerializer, Immutable, Alias("Beamline.Prompt")]
[JsonDerivedType(typeof(TextPrompt), "text"), JsonDerivedType(typeof(TokenPrompt), "tokens")]
public abstract record Prompt;

/// <summary>Text, tokenised with nothing put before or behind it. Special tokens written in it stand for the token.</summary>
/// <param name="Text">May be empty: the run starts from the begin token alone.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TextPrompt")]
public sealed record TextPrompt([property: Id(0)] string Text) : Prompt;

/// <summary>Token ids as they are.</summary>
/// <param name="Ids">Each within the model's vocabulary. May be empty: the run starts from the begin token alone.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TokenPrompt")]
public sealed record TokenPrompt([property: Id(0)] ImmutableArray<int> Ids) : Prompt;
