namespace Beamline.Abstractions.Searches;

/// <summary>Why a sequence ended.</summary>
/// <param name="Value">One word in lower case.</param>
/// <remarks>An open set: a newer server may send a word that an older client does not know.</remarks>
[GenerateSerializer, Immutable, Alias("Beamline.FinishReason")]
public readonly record struct FinishReason([property: Id(0)] string Value)
{
    /// <summary>Its last id is a stop id.</summary>
    public static readonly FinishReason Eos = new("eos");

    /// <summary>Its text holds a stop string.</summary>
    public static readonly FinishReason Stop = new("stop");

    /// <summary>It reached the length limit.</summary>
    public static readonly FinishReason Length = new("length");

    /// <summary>The deadline passed.</summary>
    public static readonly FinishReason Deadline = new("deadline");

    /// <summary>The word itself.</summary>
    public override string ToString() => Value;
}
