using System.Text;

namespace Beamline.Models.Tokenizers;

/// <summary>What each id stands for. Its memory follows the number of tokens, whatever ids a file gives them.</summary>
internal sealed class TokenTable
{
    // Ids below twice the number of tokens lie in an array: all of them in every vocabulary that somebody trained.
    private readonly Token[] _dense;
    private readonly Dictionary<int, Token> _sparse = [];

    /// <summary>Collects tokens.</summary>
    /// <param name="vocabulary">Ids by text, spelled in the letters of <see cref="ByteAlphabet"/>; 0 or more.</param>
    /// <param name="added">Added tokens; they replace what else has their ids.</param>
    public TokenTable(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyCollection<AddedToken> added)
    {
        IEnumerable<int> ids = vocabulary.Values.Concat(added.Select(token => token.Id));
        int last = ids.DefaultIfEmpty(-1).Max(), tokens = vocabulary.Count + added.Count;
        Size = last + 1;
        _dense = new Token[Math.Min(Size, 2 * tokens)];
        foreach ((string text, int id) in vocabulary) Set(id, new Token(BytesOf(text), IsSpecial: false));
        foreach (AddedToken token in added) Set(token.Id, new Token(BytesOf(token.Content), token.IsSpecial));
    }

    /// <summary>The largest id, plus 1.</summary>
    public int Size { get; }

    /// <summary>The bytes that an id stands for; none for an id that no token has.</summary>
    /// <param name="id">Any number.</param>
    /// <param name="skipSpecialTokens">Whether special tokens have none.</param>
    public ReadOnlySpan<byte> BytesOf(int id, bool skipSpecialTokens)
    {
        Token token = (uint)id < (uint)_dense.Length ? _dense[id] : _sparse.GetValueOrDefault(id);
        return skipSpecialTokens && token.IsSpecial ? [] : token.Bytes;
    }

    private void Set(int id, Token token)
    {
        if (id < _dense.Length) _dense[id] = token;
        else _sparse[id] = token;
    }

    // A token of the alphabet's letters stands for their bytes; any other, such as an added token with a space in it, for its own text.
    private static byte[] BytesOf(string token)
    {
        byte[] bytes = new byte[token.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!ByteAlphabet.TryGetByte(token[i], out bytes[i])) return Encoding.UTF8.GetBytes(token);
        }
        return bytes;
    }

    private readonly record struct Token(byte[]? Bytes, bool IsSpecial);
}
