namespace Beamline.Decoding.Search;

/// <summary>The running hypotheses of one step. A search keeps two: it fills one from the other and swaps them.</summary>
/// <param name="capacity">Hypotheses at most.</param>
/// <param name="prompt">The prompt, with which every history begins.</param>
/// <param name="maxNewTokens">Tokens a hypothesis may grow by.</param>
internal sealed class BeamRows(int capacity, ReadOnlySpan<int> prompt, int maxNewTokens)
{
    private readonly TokenRows _ids = new(capacity, prompt, maxNewTokens);
    private readonly float[] _scores = new float[capacity];
    private readonly int[] _parents = new int[capacity];
    private readonly int[] _textStates = new int[capacity];

    /// <summary>Running hypotheses.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets them.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a hypothesis behind the others.</summary>
    /// <param name="generated">Its ids; the last token comes apart.</param>
    /// <param name="score">Its running sum.</param>
    /// <param name="token">The last token; -1 for none.</param>
    /// <param name="parent">Place of the hypothesis it continues.</param>
    /// <param name="textState">Its text state, see <see cref="Stopping.StopRules"/>.</param>
    public void Add(ReadOnlySpan<int> generated, float score, int token, int parent, int textState)
    {
        _ids.Write(Count, generated);
        if (token >= 0) _ids.Set(Count, generated.Length, token);
        _scores[Count] = score;
        _parents[Count] = parent;
        _textStates[Count++] = textState;
    }

    /// <summary>Prompt and generated ids.</summary>
    public ReadOnlySpan<int> History(int place, int generated) => _ids.History(place, generated);

    /// <summary>Generated ids.</summary>
    public ReadOnlySpan<int> Generated(int place, int generated) => _ids.Generated(place, generated);

    /// <summary>The last of so many generated ids.</summary>
    public int Token(int place, int generated) => _ids.Generated(place, generated)[^1];

    /// <summary>The running sum.</summary>
    public float Score(int place) => _scores[place];

    /// <summary>Place of the hypothesis it continues.</summary>
    public int Parent(int place) => _parents[place];

    /// <summary>The text state.</summary>
    public int TextState(int place) => _textStates[place];
}
