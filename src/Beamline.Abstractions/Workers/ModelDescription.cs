using System.Collections.Immutable;

namespace Beamline.Abstractions.Workers;

/// <summary>What is known of a model without loading it.</summary>
/// <param name="Name">The name it is asked for by.</param>
/// <param name="Family">The model type, such as <c>gpt2</c>.</param>
/// <param name="Precision">Of the weights: <c>fp32</c>, <c>fp16</c>, <c>int8</c>, <c>int4</c>, <c>w8a8</c>.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Kv">What its KV cache is made of.</param>
/// <param name="VocabularySize">Number of tokens.</param>
/// <param name="ContextLength">Prompt and output tokens at most.</param>
/// <param name="BosTokenId">The begin token; null when there is none.</param>
/// <param name="StopIds">Ids that end a sequence unless the request says otherwise.</param>
/// <param name="Hash">Of source and precision, in hexadecimal; equal hashes mean equal weights.</param>
[GenerateSerializer, Immutable, Alias("Beamline.ModelDescription")]
public sealed record ModelDescription(
    [property: Id(0)] string Name,
    [property: Id(1)] string Family,
    [property: Id(2)] string Precision,
    [property: Id(3)] long Parameters,
    [property: Id(4)] KvLayout Kv,
    [property: Id(5)] int VocabularySize,
    [property: Id(6)] int ContextLength,
    [property: Id(7)] int? BosTokenId,
    [property: Id(8)] ImmutableArray<int> StopIds,
    [property: Id(9)] string Hash)
{
    /// <summary>What holds for its arithmetic.</summary>
    [Id(10)] public ModelTraits Traits { get; init; } = ModelTraits.Plain;
}
