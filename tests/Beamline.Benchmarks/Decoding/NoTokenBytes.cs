using Beamline.Decoding.Stopping;

namespace Beamline.Benchmarks.Decoding;

/// <summary>Tokens without text.</summary>
internal sealed class NoTokenBytes : ITokenBytes
{
    public ReadOnlySpan<byte> this[int id] => [];
}
