using System.Collections.Immutable;
using System.Text;

namespace Beamline.Decoding.Stopping;

/// <summary>Text that ends before the first of several stop strings, given out as early as can be.</summary>
/// <remarks>
/// What may still become a stop string is held back. The text ends where the match begins that is complete first; of those complete at the
/// same place the longest counts. So the text is the same however it was cut into pieces. One thread at a time.
/// </remarks>
public sealed class StopStringText
{
    private readonly ImmutableArray<string> _stopStrings;
    private readonly StringAutomaton? _automaton;
    private readonly StringBuilder _held = new();
    private int _state = StringAutomaton.Start;

    /// <summary>Takes the stop strings.</summary>
    /// <param name="stopStrings">None of them empty; without any, all text passes.</param>
    public StopStringText(ImmutableArray<string> stopStrings)
    {
        _stopStrings = stopStrings.IsDefault ? [] : stopStrings;
        if (!_stopStrings.IsEmpty) _automaton = new(_stopStrings.Select(text => text.Select(unit => (ushort)unit).ToArray()));
    }

    /// <summary>
    /// The stop string that ended the text: of several that begin at that place the longest that was there by then; null as long as none
    /// did.
    /// </summary>
    public string? Stop { get; private set; }

    /// <summary>Takes the next piece and returns what is final now; often empty. Once stopped, everything is dropped.</summary>
    public string Append(string piece)
    {
        if (_automaton is null) return piece;
        if (Stop is not null) return "";
        _held.Append(piece);
        int begin = _held.Length - piece.Length;
        for (int i = 0; i < piece.Length; i++)
        {
            _state = _automaton.Next(_state, piece[i]);
            int matched = _automaton.MatchedLength(_state);
            if (matched > 0) return End(begin + i + 1 - matched);
        }
        return Release(_held.Length - _automaton.PendingLength(_state));
    }

    /// <summary>Ends the text and returns what was held back.</summary>
    public string Finish() => Release(_held.Length);

    private string End(int length)
    {
        string rest = _held.ToString(length, _held.Length - length);
        Stop = _stopStrings.Where(text => rest.StartsWith(text, StringComparison.Ordinal)).MaxBy(text => text.Length);
        string text = Release(length);
        _held.Clear();
        return text;
    }

    private string Release(int length)
    {
        string text = _held.ToString(0, length);
        _held.Remove(0, length);
        return text;
    }
}
