namespace Beamline.Decoding.Search;

/// <summary>Misuse of a search, named before anything changes.</summary>
internal static class SearchGuard
{
    /// <summary>A step takes exactly the rows that <see cref="ISearch.LiveCount"/> says.</summary>
    public static void CheckRows(ISearch search, LogitsRows logits, int vocabularySize)
    {
        if (search.IsDone) throw new InvalidOperationException("The search has ended.");
        if (logits.VocabularySize != vocabularySize || logits.Count != search.LiveCount) ThrowRows(search, logits, vocabularySize);
    }

    /// <summary>Results exist once the search has ended.</summary>
    public static void CheckEnded(ISearch search)
    {
        if (!search.IsDone) throw new InvalidOperationException("The search has not ended.");
    }

    private static void ThrowRows(ISearch search, LogitsRows logits, int vocabularySize) => throw new ArgumentException(
        $"The step takes {search.LiveCount} rows of {vocabularySize}, not {logits.Count} of {logits.VocabularySize}.", nameof(logits));
}
