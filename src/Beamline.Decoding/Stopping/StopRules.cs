using System.Collections.Immutable;
using System.Text;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Stopping;

/// <summary>When a sequence ends: by a stop id, by a stop string in its text, or by its length, looked at in this order.</summary>
/// <remarks>The text is that of the generated tokens alone. What must be remembered of it is one number, the text state.</remarks>
internal sealed class StopRules
{
    /// <summary>The text state before the first generated token.</summary>
    public const int StartOfText = StringAutomaton.Start;

    private const int Matched = -1;
    private readonly ImmutableArray<int> _stopIds;
    private readonly StringAutomaton? _strings;
    private readonly ITokenBytes _tokens;
    private readonly int _maxNewTokens;

    public StopRules(CheckedParameters parameters, ITokenBytes tokens)
    {
        _stopIds = parameters.StopIds;
        _maxNewTokens = parameters.MaxNewTokens;
        _tokens = tokens;
        if (parameters.Values.StopStrings is { IsDefaultOrEmpty: false } strings)
        {
            _strings = new(strings.Select(text => Encoding.UTF8.GetBytes(text).Select(value => (ushort)value).ToArray()));
        }
    }

    /// <summary>The text state after one more token.</summary>
    public int Append(int textState, int token)
    {
        if (_strings is null) return textState;
        foreach (byte value in _tokens[token])
        {
            textState = _strings.Next(textState, value);
            if (_strings.MatchedLength(textState) > 0) return Matched;
        }
        return textState;
    }

    /// <summary>Whether a sequence ends.</summary>
    /// <param name="token">Its last token.</param>
    /// <param name="textState">The text state with that token.</param>
    /// <param name="generated">Generated tokens, that token included.</param>
    public SearchEndReason Check(int token, int textState, int generated)
    {
        if (_stopIds.Contains(token)) return SearchEndReason.Eos;
        if (textState == Matched) return SearchEndReason.Stop;
        return generated >= _maxNewTokens ? SearchEndReason.Length : SearchEndReason.None;
    }

    /// <summary>The text state of a sequence that goes on after these generated ids.</summary>
    public int Replay(ImmutableArray<int> generated)
    {
        int state = StartOfText;
        foreach (int token in generated) state = Append(state, token);
        return state;
    }
}
