using System.Diagnostics;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>Translates between the two forms of a reason.</summary>
public static class EndReasons
{
    /// <summary>The reason as results carry it.</summary>
    public static FinishReason ToFinishReason(this SearchEndReason reason) => reason switch
    {
        SearchEndReason.Eos => FinishReason.Eos,
        SearchEndReason.Stop => FinishReason.Stop,
        SearchEndReason.Length => FinishReason.Length,
        SearchEndReason.Deadline => FinishReason.Deadline,
        _ => throw new UnreachableException($"{reason} does not end a sequence."),
    };

    /// <summary>The reason as events carry it.</summary>
    /// <exception cref="ArgumentException">A word that no search of this version gives.</exception>
    public static SearchEndReason ToSearchEndReason(this FinishReason reason) => reason.Value switch
    {
        "eos" => SearchEndReason.Eos,
        "stop" => SearchEndReason.Stop,
        "length" => SearchEndReason.Length,
        "deadline" => SearchEndReason.Deadline,
        _ => throw new ArgumentException($"'{reason}' is not a reason for which a search ends a sequence.", nameof(reason)),
    };
}
