using System.Collections.Immutable;
using System.Text.Json;
using Beamline.Abstractions.Parameters;

namespace Beamline.Abstractions.Requests;

/// <summary>One request as its caller states it; nothing of it has been checked.</summary>
[GenerateSerializer, Immutable, Alias("Beamline.GenerationRequest")]
public sealed record GenerationRequest
{
    /// <summary>Names the run.</summary>
    [Id(0)]
    public required RequestId Id { get; init; }

    /// <summary>The model's name; null is the cluster's default model.</summary>
    [Id(1)]
    public string? Model { get; init; }

    /// <summary>At least one prompt; each is searched on its own.</summary>
    [Id(2)]
    public required ImmutableArray<Prompt> Prompts { get; init; }

    /// <summary>How to generate, by transformers' names.</summary>
    [Id(3)]
    public GenerationParameters Parameters { get; init; } = new();

    /// <summary>Who goes first when rows are short; <see cref="RequestPriority.Interactive"/> unless said otherwise.</summary>
    [Id(4)]
    public RequestPriority Priority { get; init; }

    /// <summary>When generation ends at the latest, with what there is by then; null is never.</summary>
    [Id(5)]
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Whom the request counts for when users share rows fairly; null is the anonymous user.</summary>
    [Id(6)]
    public string? User { get; init; }

    /// <summary>
    /// Whether the run is stored: it survives the loss of every silo, goes on without a reader, and its outcome is kept.
    /// </summary>
    [Id(7)]
    public bool Durable { get; init; }

    /// <summary>Whether another request asks for the same: equal in everything, list by list.</summary>
    public bool HasSameContentAs(GenerationRequest other) =>
        JsonSerializer.Serialize(
            this, RequestJson.Default.GenerationRequest) == JsonSerializer.Serialize(other, RequestJson.Default.GenerationRequest);
}
