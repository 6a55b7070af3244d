using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Tests.Support;

/// <summary>Tokens without text, for cases that have no stop strings.</summary>
internal sealed class NoTokenBytes : ITokenBytes
{
    public static readonly NoTokenBytes Instance = new();

    public ReadOnlySpan<byte> this[int id] => [];
}
