namespace Beamline.Abstractions.Searches;

/// <summary><see cref="FinishReason"/> as a number, inside events.</summary>
public enum SearchEndReason : byte
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary><see cref="FinishReason.Eos"/>.</summary>
    Eos,

    /// <summary><see cref="FinishReason.Stop"/>.</summary>
    Stop,

    /// <summary><see cref="FinishReason.Length"/>.</summary>
    Length,

    /// <summary><see cref="FinishReason.Deadline"/>.</summary>
    Deadline,
}
