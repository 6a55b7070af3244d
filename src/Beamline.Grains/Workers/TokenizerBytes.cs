using Beamline.Decoding.Stopping;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Workers;

/// <summary>Lets the decoder see a tokenizer as bytes.</summary>
internal sealed class TokenizerBytes(ITokenizer tokenizer) : ITokenBytes
{
    public ReadOnlySpan<byte> this[int id] => tokenizer.TokenBytes(id);
}
