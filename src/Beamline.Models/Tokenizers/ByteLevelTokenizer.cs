using System.Text;
using Microsoft.ML.Tokenizers;

namespace Beamline.Models.Tokenizers;

/// <summary>Byte-level BPE: a text becomes UTF-8 bytes, the bytes become letters, and the learned pairs of letters are merged.</summary>
/// <remarks>Sennrich et al. 2016, arXiv:1508.07909; bytes as in GPT-2. Merging is Microsoft.ML.Tokenizers'.</remarks>
internal sealed class ByteLevelTokenizer : ITokenizer
{
    private readonly BpeTokenizer _bpe;
    private readonly AddedTokenFinder _first;
    private readonly AddedTokenFinder _second;
    private readonly bool _addPrefixSpace;
    private readonly TokenTable _tokens;

    /// <summary>Puts a tokenizer together from what <see cref="TokenizerFile"/> read and checked.</summary>
    /// <param name="bpe">Merges the letters of a piece of text; cuts it into words first.</param>
    /// <param name="tokens">What each id stands for.</param>
    /// <param name="added">Tokens found before everything else.</param>
    /// <param name="addPrefixSpace">Whether a piece of text that does not begin with a space gets one.</param>
    public ByteLevelTokenizer(BpeTokenizer bpe, TokenTable tokens, IReadOnlyList<AddedToken> added, bool addPrefixSpace)
    {
        _bpe = bpe;
        _tokens = tokens;
        _addPrefixSpace = addPrefixSpace;
        _first = new AddedTokenFinder(added.Where(token => !token.IsNormalized));
        _second = new AddedTokenFinder(added.Where(token => token.IsNormalized));
    }

    /// <inheritdoc/>
    public int VocabularySize => _tokens.Size;

    /// <inheritdoc/>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [];
        Encode(WellFormed(text), _first, ids);
        return [.. ids];
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        List<byte> bytes = new(ids.Length * 4);
        foreach (int id in ids) bytes.AddRange(BytesOf(id, skipSpecialTokens));
        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <inheritdoc/>
    public ITextStream NewStream(bool skipSpecialTokens = true) => new ByteTextStream(this, skipSpecialTokens);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int id) => BytesOf(id, skipSpecialTokens: true);

    /// <summary>The bytes that an id stands for; none for an id outside the vocabulary.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecialTokens) => _tokens.BytesOf(id, skipSpecialTokens);

    private void Encode(string text, AddedTokenFinder finder, List<int> ids)
    {
        for (int at = 0; at < text.Length;)
        {
            AddedToken? token = finder.Find(text, at, out int start);
            if (start > at) EncodePiece(text[at..start], finder, ids);
            if (token is null) return;
            ids.Add(token.Id);
            at = start + token.Content.Length;
        }
    }

    private void EncodePiece(string piece, AddedTokenFinder finder, List<int> ids)
    {
        if (ReferenceEquals(finder, _first))
        {
            Encode(piece, _second, ids);
            return;
        }
        if (_addPrefixSpace && piece[0] != ' ') piece = $" {piece}";
        ids.AddRange(_bpe.EncodeToIds(piece, considerPreTokenization: true, considerNormalization: false));
    }

    // Halves of surrogate pairs have no UTF-8 form; like the reference's callers, the text has U+FFFD in their place.
    private static string WellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }
}
