namespace Beamline.Abstractions.Requests;

/// <summary>Names one run. The same id with the same content is the same run, wherever and however often it is started.</summary>
/// <param name="Value">1 to 128 characters out of letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>.</param>
[GenerateSerializer, Immutable, Alias("Beamline.RequestId")]
public readonly record struct RequestId([property: Id(0)] string Value)
{
    /// <summary>What <see cref="IsValid"/> asks for, in words.</summary>
    public const string Rule = "1 to 128 letters, digits, -, _, . and :";

    /// <summary>The longest id, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>A new id that no other run has.</summary>
    public static RequestId New() => new($"gen-{Guid.CreateVersion7():N}");

    /// <summary>Whether <see cref="Value"/> is well formed.</summary>
    public bool IsValid =>
        Value is { Length: > 0 and <= MaxLength } && Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':');

    /// <summary>The id itself.</summary>
    public override string ToString() => Value;
}
