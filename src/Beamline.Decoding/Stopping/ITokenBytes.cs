namespace Beamline.Decoding.Stopping;

/// <summary>The bytes that each token adds to the text: what stop strings are matched against.</summary>
public interface ITokenBytes
{
    /// <summary>UTF-8 bytes of a token, which may begin or end inside a character; empty for special tokens.</summary>
    ReadOnlySpan<byte> this[int id] { get; }
}
