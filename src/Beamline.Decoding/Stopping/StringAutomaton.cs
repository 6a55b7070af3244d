namespace Beamline.Decoding.Stopping;

/// <summary>Looks for several strings in a stream of symbols at once. All it remembers of the stream is one number, the state.</summary>
/// <remarks>
/// The state stands for the longest end of the stream that begins one of the strings. Symbols are bytes or UTF-16 units. Aho, Corasick
/// 1975.
/// </remarks>
internal sealed class StringAutomaton
{
    /// <summary>The state before the first symbol.</summary>
    public const int Start = 0;

    private readonly List<Node> _nodes = [new()];

    /// <summary>Builds the automaton.</summary>
    /// <param name="strings">The strings; empty ones never match.</param>
    public StringAutomaton(IEnumerable<ushort[]> strings)
    {
        foreach (ushort[] symbols in strings)
        {
            if (symbols.Length > 0) Insert(symbols);
        }
        LinkFallbacks();
    }

    /// <summary>The state after one more symbol.</summary>
    public int Next(int state, ushort symbol)
    {
        while (true)
        {
            if (_nodes[state].Children.TryGetValue(symbol, out int next)) return next;
            if (state == Start) return Start;
            state = _nodes[state].Fallback;
        }
    }

    /// <summary>How many of the last symbols may still become one of the strings.</summary>
    public int PendingLength(int state) => _nodes[state].Depth;

    /// <summary>The length of the longest string that ends here; 0 when none does.</summary>
    public int MatchedLength(int state) => _nodes[state].Matched;

    private void Insert(ushort[] symbols)
    {
        int state = Start;
        foreach (ushort symbol in symbols)
        {
            if (!_nodes[state].Children.TryGetValue(symbol, out int next))
            {
                next = _nodes.Count;
                _nodes[state].Children.Add(symbol, next);
                _nodes.Add(new() { Depth = _nodes[state].Depth + 1 });
            }
            state = next;
        }
        _nodes[state].Matched = symbols.Length;
    }

    private void LinkFallbacks()
    {
        // Breadth first: a fallback is shorter than its node, so it is ready when the node is reached.
        Queue<int> waiting = new([Start]);
        while (waiting.TryDequeue(out int state))
        {
            foreach ((ushort symbol, int child) in _nodes[state].Children)
            {
                int fallback = state == Start ? Start : Next(_nodes[state].Fallback, symbol);
                _nodes[child].Fallback = fallback;
                if (_nodes[child].Matched == 0) _nodes[child].Matched = _nodes[fallback].Matched;
                waiting.Enqueue(child);
            }
        }
    }

    private sealed class Node
    {
        public Dictionary<ushort, int> Children { get; } = [];

        public int Depth { get; init; }

        public int Fallback { get; set; }

        public int Matched { get; set; }
    }
}
