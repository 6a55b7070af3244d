using Beamline.Engine.Memory;

namespace Beamline.Engine.Batching;

/// <summary>
/// The rows of the batch: which tokens each one knows and how many of them its KV holds. Rows 0 to <see cref="Count"/> - 1 decode; they
/// stay
/// together at the front, so that a pass runs over the first B rows of the buffers.
/// </summary>
/// <remarks>
/// A row whose KV is shorter than its known tokens by more than one replays: its tokens are fed again, one a step, and its logits are
/// ignored. So a preempted or moved search continues with the bits it would have had. Owned by the engine thread.
/// </remarks>
internal sealed class RowTable
{
    private readonly KvPool _pool;
    private readonly int[][] _tokens;
    private readonly int[] _known;
    private readonly int[] _length;
    private readonly EngineSearch?[] _owner;
    private readonly int[] _live;

    public RowTable(KvPool pool)
    {
        _pool = pool;
        _tokens = new int[pool.Rows][];
        for (int row = 0; row < pool.Rows; row++) _tokens[row] = new int[pool.Model.ContextLength];
        _known = new int[pool.Rows];
        _length = new int[pool.Rows];
        _owner = new EngineSearch?[pool.Rows];
        _live = new int[pool.Rows];
    }

    /// <summary>Rows that decode.</summary>
    public int Count { get; private set; }

    /// <summary>Positions whose KV the row holds.</summary>
    public int Length(int row) => _length[row];

    /// <summary>The token that the next pass feeds.</summary>
    public int NextToken(int row) => _tokens[row][_length[row]];

    /// <summary>Whether tokens after the next one are known already, so that its logits decide nothing.</summary>
    public bool Replays(int row) => _length[row] + 1 < _known[row];

    /// <summary>Every row's next token went through a pass.</summary>
    public void AdvanceAll()
    {
        for (int row = 0; row < Count; row++) _length[row]++;
    }

    /// <summary>Makes a new decoding row at the end for a live hypothesis.</summary>
    /// <param name="owner">Whose row it is.</param>
    /// <param name="live">Which of its live hypotheses.</param>
    /// <param name="source">A row whose KV begins with the prompt, possibly the new row itself; -1 for none.</param>
    /// <param name="prompt">The prompt's ids.</param>
    /// <param name="generated">The hypothesis' generated ids.</param>
    public int Add(EngineSearch owner, int live, int source, ReadOnlySpan<int> prompt, ReadOnlySpan<int> generated)
    {
        int row = Count++;
        int length = source < 0 ? 0 : prompt.Length;
        if (source >= 0 && source != row) _pool.Copy(source, row, 0, length);
        prompt.CopyTo(_tokens[row]);
        generated.CopyTo(_tokens[row].AsSpan(prompt.Length));
        Own(row, owner, live);
        _known[row] = prompt.Length + generated.Length;
        _length[row] = length;
        return row;
    }

    /// <summary>Makes a new decoding row at the end that continues as another one does.</summary>
    public int Fork(int source, EngineSearch owner)
    {
        int row = Count++;
        _known[row] = _length[row] = 0;
        CopyRow(source, row, common: 0);
        _owner[row] = owner;
        return row;
    }

    /// <summary>Turns a row into a fork of another; what their histories have in common is in place already.</summary>
    /// <param name="source">The row to continue.</param>
    /// <param name="target">A row of the same search.</param>
    public void Refork(int source, int target) => CopyRow(source, target, Known(source).CommonPrefixLength(Known(target)));

    /// <summary>Appends a generated token to what a row knows, and says which live hypothesis it now is.</summary>
    public void Append(int row, int live, int token)
    {
        _tokens[row][_known[row]++] = token;
        _live[row] = live;
    }

    /// <summary>Gives a row back; the last one moves into its place.</summary>
    public void Remove(int row)
    {
        int last = --Count;
        if (row != last)
        {
            EngineSearch owner = _owner[last]!;
            // Equal tokens of two searches need not have equal bits: what one prefilled, the other may have decoded.
            CopyRow(last, row, owner == _owner[row] ? Known(last).CommonPrefixLength(Known(row)) : 0);
            Own(row, owner, _live[last]);
            owner.Rows[_live[last]] = row;
        }
        _owner[last] = null;
    }

    private ReadOnlySpan<int> Known(int row) => _tokens[row].AsSpan(0, _known[row]);

    private void Own(int row, EngineSearch owner, int live)
    {
        _owner[row] = owner;
        _live[row] = live;
    }

    private void CopyRow(int source, int target, int common)
    {
        Known(source)[common..].CopyTo(_tokens[target].AsSpan(common));
        _pool.Copy(source, target, int.Min(common, _length[target]), _length[source]);
        _known[target] = _known[source];
        _length[target] = _length[source];
    }
}
