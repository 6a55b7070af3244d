namespace Beamline.Abstractions.Workers;

/// <summary>What holds for a model's arithmetic, declared by its family; whoever plans its passes obeys.</summary>
/// <param name="PromptInPieces">Whether a prompt computed in pieces, of two tokens or more, is the prompt computed at once.</param>
/// <param name="PrefixesShared">
/// Whether positions computed for one prompt are those of every prompt that begins likewise. Not so where the rotation depends on the
/// prompt's whole length (dynamic rotary scaling).
/// </param>
/// <param name="RecomputedBeyond">
/// The length beyond which every position has to be computed again, once, with what the longer sequence needs (LongRope: its original
/// length); null is never. A prompt that is longer is computed so from the start, and in one piece.
/// </param>
[GenerateSerializer, Immutable, Alias("Beamline.ModelTraits")]
public sealed record ModelTraits(
    [property: Id(0)] bool PromptInPieces = true,
    [property: Id(1)] bool PrefixesShared = true,
    [property: Id(2)] int? RecomputedBeyond = null)
{
    /// <summary>Nothing special: pieces, shared prefixes, no border.</summary>
    public static ModelTraits Plain { get; } = new();
}
