using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Processors;

/// <summary>Adds a bias to tokens that would complete a sequence.</summary>
/// <remarks>All matching entries of a token add up; of two entries with the same ids the later counts.</remarks>
public sealed class SequenceBiasLogitsProcessor : ILogitsProcessor
{
    private readonly Entry[] _entries;

    /// <summary>Takes the biases of a request.</summary>
    /// <param name="biases">Biases; each with at least one id, all within the vocabulary.</param>
    public SequenceBiasLogitsProcessor(IEnumerable<SequenceBias> biases)
        : this(biases, nameof(SequenceBiasLogitsProcessor))
    {
    }

    private SequenceBiasLogitsProcessor(IEnumerable<SequenceBias> biases, string name)
    {
        Name = name;
        Dictionary<string, SequenceBias> distinct = [];
        foreach (SequenceBias bias in biases) distinct[string.Join(',', bias.Ids)] = bias;
        // By the token that they change, so that its biases are added up before they are added on.
        _entries = [.. distinct.Values.Select(bias => new Entry(bias.Ids, bias.Bias)).OrderBy(entry => entry.Ids[^1])];
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>
    /// Bans sequences: a bias of minus infinity. A word that is exactly one stop id is dropped, as in the reference: a text may end.
    /// </summary>
    /// <param name="words">Words; each with at least one id, all within the vocabulary.</param>
    /// <param name="stopIds">Ids that end a sequence.</param>
    public static SequenceBiasLogitsProcessor NoBadWords(ImmutableArray<ImmutableArray<int>> words, ImmutableArray<int> stopIds) => new(
        words.Where(word => !(word.Length == 1 && stopIds.Contains(word[0])))
            .Select(word => new SequenceBias(word, float.NegativeInfinity)),
        "NoBadWordsLogitsProcessor");

    /// <inheritdoc/>
    public void Process(ReadOnlySpan<int> history, Span<float> scores)
    {
        for (int i = 0; i < _entries.Length;)
        {
            int token = _entries[i].Ids[^1];
            float bias = 0;
            for (; i < _entries.Length && _entries[i].Ids[^1] == token; i++)
            {
                ReadOnlySpan<int> before = _entries[i].Ids.AsSpan()[..^1];
                if (history.EndsWith(before)) bias += _entries[i].Bias;
            }
            if (bias != 0) scores[token] += bias;
        }
    }

    private readonly record struct Entry(ImmutableArray<int> Ids, float Bias);
}
