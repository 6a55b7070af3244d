namespace Beamline.Models.Tokenizers;

/// <summary>Finds the added tokens of one pass in a text: leftmost first, the longest of those that begin at one place.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<char, AddedToken[]> _byFirst;

    /// <summary>A finder for some tokens; may be none.</summary>
    public AddedTokenFinder(IEnumerable<AddedToken> tokens) => _byFirst = tokens
        .GroupBy(token => token.Content[0])
        .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());

    /// <summary>The next token at or behind a place.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="start">Where the token begins; the text's length when there is none.</param>
    /// <returns>The token, or null.</returns>
    public AddedToken? Find(ReadOnlySpan<char> text, int from, out int start)
    {
        for (start = from; _byFirst.Count > 0 && start < text.Length; start++)
        {
            if (!_byFirst.TryGetValue(text[start], out AddedToken[]? candidates)) continue;
            foreach (AddedToken candidate in candidates)
            {
                if (text[start..].StartsWith(candidate.Content, StringComparison.Ordinal)) return candidate;
            }
        }
        start = text.Length;
        return null;
    }
}
