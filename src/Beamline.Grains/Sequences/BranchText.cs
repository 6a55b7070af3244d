using System.Collections.Immutable;
using Beamline.Decoding.Stopping;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>The text of one growing sequence: never splits a character, never shows what a stop string would take back.</summary>
internal sealed class BranchText(ITokenizer tokenizer, ImmutableArray<string> stopStrings)
{
    private readonly ITextStream _stream = tokenizer.NewStream();
    private readonly StopStringText? _stop = stopStrings.IsDefaultOrEmpty ? null : new StopStringText(stopStrings);

    /// <summary>Takes a token and returns the text that became final.</summary>
    public string Append(int id) => Through(_stream.Append(id));

    /// <summary>Returns what was held back, unless a stop string ended the text.</summary>
    public string Finish() => _stop is null ? _stream.Finish() : _stop.Append(_stream.Finish()) + _stop.Finish();

    private string Through(string piece) => _stop is null ? piece : _stop.Append(piece);
}
