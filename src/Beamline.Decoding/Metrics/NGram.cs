namespace Beamline.Decoding.Metrics;

/// <summary>Some consecutive tokens of a sequence, equal when the tokens are.</summary>
internal readonly struct NGram : IEquatable<NGram>
{
    private readonly IReadOnlyList<int> _ids;
    private readonly int _start;
    private readonly int _length;

    private NGram(IReadOnlyList<int> ids, int start, int length) => (_ids, _start, _length) = (ids, start, length);

    /// <summary>Every n-gram of a sequence, in order.</summary>
    public static IEnumerable<NGram> AllOf(IReadOnlyList<int> ids, int n)
    {
        for (int start = 0; start + n <= ids.Count; start++) yield return new(ids, start, n);
    }

    /// <inheritdoc/>
    public bool Equals(NGram other)
    {
        if (_length != other._length) return false;
        for (int i = 0; i < _length; i++)
        {
            if (_ids[_start + i] != other._ids[other._start + i]) return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NGram other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        for (int i = 0; i < _length; i++) hash.Add(_ids[_start + i]);
        return hash.ToHashCode();
    }
}
