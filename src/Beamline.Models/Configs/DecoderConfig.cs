using Beamline.Abstractions.Workers;

namespace Beamline.Models.Configs;

/// <summary>Sizes and switches of a decoder, in terms that are the same for every family. The graph is built from this alone.</summary>
internal sealed record DecoderConfig
{
    /// <summary>The model type as config.json spells it.</summary>
    public required string Family { get; init; }

    /// <summary>Rows V of the embedding; token ids are 0 to V - 1.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Tokens of prompt and output together at most.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Length E of a hidden state.</summary>
    public required int Width { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Numbers D a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Length of a hidden state inside the feed-forward part.</summary>
    public required int InnerWidth { get; init; }

    /// <summary>Added to the variance under the root of a normalisation.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>The function inside the feed-forward part.</summary>
    public required Activation Activation { get; init; }

    /// <summary>What attention scores are multiplied with, a number a layer.</summary>
    public required IReadOnlyList<float> AttentionScales { get; init; }

    /// <summary>Whether the output embedding is the input embedding.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>What holds for the model's arithmetic, declared by its family. Default: nothing special.</summary>
    public ModelTraits Traits { get; init; } = ModelTraits.Plain;
}
