using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>The text of one growing sequence: never splits a character.</summary>
internal sealed class BranchText(ITokenizer tokenizer)
{
    private readonly ITextStream _stream = tokenizer.NewStream();

    /// <summary>Takes a token and returns the text that became final.</summary>
    public string Append(int id) => _stream.Append(id);

    /// <summary>Returns what was held back.</summary>
    public string Finish() => _stream.Finish();
}
