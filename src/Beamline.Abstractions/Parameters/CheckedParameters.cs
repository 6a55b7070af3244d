using System.Collections.Immutable;

namespace Beamline.Abstractions.Parameters;

/// <summary>Parameters that were checked against one model and one prompt, with everything resolved that depends on them.</summary>
/// <remarks>
/// Made by <c>Beamline.Decoding.Validation.ParameterValidator</c> alone, so nothing unchecked reaches a worker. A copy is the same: no
/// <c>with</c> can change a member.
/// </remarks>
[GenerateSerializer, Immutable, Alias("Beamline.CheckedParameters")]
public sealed record CheckedParameters
{
    /// <summary>What the validator found to be right.</summary>
    internal CheckedParameters(
        GenerationParameters values, int vocabularySize, int promptLength, int maxNewTokens, ImmutableArray<int> stopIds, ulong seed)
    {
        Values = values;
        VocabularySize = vocabularySize;
        PromptLength = promptLength;
        MaxNewTokens = maxNewTokens;
        StopIds = stopIds;
        Seed = seed;
    }

    /// <summary>The parameters as given; each within its range.</summary>
    [Id(0)] public GenerationParameters Values { get; private init; }

    /// <summary>The model's vocabulary size V; ids are 0 to V - 1.</summary>
    [Id(1)] public int VocabularySize { get; private init; }

    /// <summary>Tokens of the prompt; 1 or more.</summary>
    [Id(2)] public int PromptLength { get; private init; }

    /// <summary>Tokens to generate at most; 1 or more; prompt and output fit into the context.</summary>
    [Id(3)] public int MaxNewTokens { get; private init; }

    /// <summary>Ids that end a sequence, in the order given; may be empty; ids outside the vocabulary never match.</summary>
    [Id(4)] public ImmutableArray<int> StopIds { get; private init; }

    /// <summary>Seed of the random numbers.</summary>
    [Id(5)] public ulong Seed { get; private init; }

    /// <summary>Whether tokens are drawn.</summary>
    public bool DoSample => Values.DoSample ?? false;

    /// <summary>Width of the beam search; 1 without.</summary>
    public int NumBeams => Values.NumBeams ?? 1;

    /// <summary>Sequences to return.</summary>
    public int NumReturnSequences => Values.NumReturnSequences ?? 1;

    /// <summary>Which search this is.</summary>
    public SearchKind Kind => NumBeams > 1 ? SearchKind.Beam : DoSample ? SearchKind.Sampling : SearchKind.Greedy;

    /// <summary>Rows of a batch the search takes at most.</summary>
    public int MaxRows => Kind switch
    {
        SearchKind.Beam => NumBeams,
        SearchKind.Sampling => NumReturnSequences,
        _ => 1,
    };
}
