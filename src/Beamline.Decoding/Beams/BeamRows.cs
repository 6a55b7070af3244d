using Beamline.Decoding.Search;

namespace Beamline.Decoding.Beams;

/// <summary>The running hypotheses of one step. A search keeps two: it fills one from the other and swaps them.</summary>
/// <param name="capacity">Hypotheses at most.</param>
/// <param name="prompt">The prompt, with which every history begins.</param>
/// <param name="maxNewTokens">Tokens a hypothesis may grow by.</param>
internal sealed class BeamRows(int capacity, ReadOnlySpan<int> prompt, int maxNewTokens)
{
    private readonly TokenRows _ids = new(capacity, prompt, maxNewTokens);
    private readonly BeamRow[] _rows = new BeamRow[capacity];

    /// <summary>Running hypotheses.</summary>
    public int Count { get; private set; }

    /// <summary>What is kept of a hypothesis beside its ids.</summary>
    public ref readonly BeamRow this[int place] => ref _rows[place];

    /// <summary>Forgets those from a place on.</summary>
    public void CutTo(int count) => Count = count;

    /// <summary>Adds a hypothesis behind the others.</summary>
    /// <param name="generated">Its ids; the last token comes apart.</param>
    /// <param name="token">The last token; -1 for none.</param>
    /// <param name="row">The rest.</param>
    public void Add(ReadOnlySpan<int> generated, int token, in BeamRow row)
    {
        _ids.Write(Count, generated);
        if (token >= 0) _ids.Set(Count, generated.Length, token);
        _rows[Count++] = row;
    }

    /// <summary>Prompt and generated ids.</summary>
    public ReadOnlySpan<int> History(int place, int generated) => _ids.History(place, generated);

    /// <summary>Generated ids.</summary>
    public ReadOnlySpan<int> Generated(int place, int generated) => _ids.Generated(place, generated);
}
