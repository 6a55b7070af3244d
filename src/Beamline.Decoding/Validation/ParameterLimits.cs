namespace Beamline.Decoding.Validation;

/// <summary>The most that one request may ask for, so that none can exhaust a machine. All are 1 or more unless said otherwise.</summary>
public sealed record ParameterLimits
{
    /// <summary>The limits in force unless others are configured.</summary>
    public static readonly ParameterLimits Default = new();

    /// <summary><c>num_beams</c> at most; default 64.</summary>
    public int MaxNumBeams { get; init; } = 64;

    /// <summary><c>num_return_sequences</c> at most; default 128.</summary>
    public int MaxNumReturnSequences { get; init; } = 128;

    /// <summary><c>stop_strings</c> at most; default 16.</summary>
    public int MaxStopStrings { get; init; } = 16;

    /// <summary>Characters of a stop string at most; default 256.</summary>
    public int MaxStopStringLength { get; init; } = 256;

    /// <summary>Ids of <c>eos_token_id</c> at most; default 64.</summary>
    public int MaxStopIds { get; init; } = 64;

    /// <summary>Entries of any other list at most; default 4096.</summary>
    public int MaxListLength { get; init; } = 4096;

    /// <summary>Ids of a bad word or a biased sequence at most; default 64.</summary>
    public int MaxSequenceLength { get; init; } = 64;

    /// <summary><c>logprobs</c> at most; 0 or more; default 20, as OpenAI has it.</summary>
    public int MaxLogprobs { get; init; } = 20;
}
