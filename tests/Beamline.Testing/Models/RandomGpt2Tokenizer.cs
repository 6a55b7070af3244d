namespace Beamline.Testing.Models;

/// <summary>The tokenizer.json of a <see cref="RandomGpt2"/>: a token for each byte, then pairs of bytes, then the end token.</summary>
internal static class RandomGpt2Tokenizer
{
    private const string End = "<|endoftext|>";

    /// <summary>The file's content.</summary>
    /// <param name="vocabularySize">Tokens in all.</param>
    public static object Describe(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 257);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabularySize, 257 + 65536);
        string[] letters = Letters();
        Dictionary<string, int> vocabulary = [];
        foreach (string letter in letters) vocabulary.Add(letter, vocabulary.Count);
        List<string> merges = [];
        while (vocabulary.Count < vocabularySize - 1)
        {
            string first = letters[merges.Count / 256], second = letters[merges.Count % 256];
            vocabulary.Add(first + second, vocabulary.Count);
            merges.Add($"{first} {second}");
        }
        return new
        {
            version = "1.0",
            added_tokens = (object[])[new { id = vocabularySize - 1, content = End, special = true, normalized = false }],
            normalizer = (object?)null,
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            post_processor = (object?)null,
            decoder = new { type = "ByteLevel", add_prefix_space = true, trim_offsets = true, use_regex = true },
            model = new { type = "BPE", dropout = (object?)null, unk_token = (object?)null, vocab = vocabulary, merges },
        };
    }

    // GPT-2's letters for bytes, the printable ones first, so that the first pairs are text that people can read.
    private static string[] Letters()
    {
        int[] printable = [.. Range('!', '~'), .. Range(0xA1, 0xAC), .. Range(0xAE, 0xFF)];
        int others = 256 - printable.Length;
        return [.. printable.Concat(Range(256, 256 + others - 1)).Select(code => ((char)code).ToString())];
    }

    private static IEnumerable<int> Range(int first, int last) => Enumerable.Range(first, last - first + 1);
}
