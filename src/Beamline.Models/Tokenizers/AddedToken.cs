namespace Beamline.Models.Tokenizers;

/// <summary>A token that is found in a text as it stands, before everything else.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text; never empty.</param>
/// <param name="IsSpecial">Whether it steers the model and is left out of text.</param>
/// <param name="IsNormalized">Whether it is looked for in the second pass, in what the first pass left.</param>
internal sealed record AddedToken(int Id, string Content, bool IsSpecial, bool IsNormalized);
