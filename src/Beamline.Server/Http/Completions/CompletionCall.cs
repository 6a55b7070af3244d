using System.Collections.Immutable;
using Beamline.Abstractions.Requests;

namespace Beamline.Server.Http.Completions;

/// <summary>A completion request, read: what to run and how to answer.</summary>
internal sealed record CompletionCall
{
    /// <summary>What to run.</summary>
    public required GenerationRequest Request { get; init; }

    /// <summary>Choices to return for each prompt; 1 or more.</summary>
    public required int Choices { get; init; }

    /// <summary>Whether more sequences are generated than returned, and the likeliest of them are chosen.</summary>
    public required bool PicksBest { get; init; }

    /// <summary>Whether the answer is a stream of events.</summary>
    public required bool Stream { get; init; }

    /// <summary>Whether the answer comes at once, and says only where the run is.</summary>
    public required bool Background { get; init; }

    /// <summary>Whether a stream ends with the usage.</summary>
    public required bool IncludeUsage { get; init; }

    /// <summary>Whether each text begins with its prompt.</summary>
    public required bool Echo { get; init; }

    /// <summary>Whether choices carry log-probabilities.</summary>
    public required bool Logprobs { get; init; }

    /// <summary>Whether choices carry their token ids.</summary>
    public required bool TokenIds { get; init; }

    /// <summary>Parameters that the caller gave under OpenAI's name: that name by Hugging Face's.</summary>
    public required ImmutableDictionary<string, string> CallersNames { get; init; }

    /// <summary>The text a prompt puts in front of its choices.</summary>
    public string EchoOf(int prompt) => Echo ? ((TextPrompt)Request.Prompts[prompt]).Text : "";
}
