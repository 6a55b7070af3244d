namespace Beamline.Abstractions.Errors;

/// <summary>A number with its noun, as messages say it.</summary>
public static class Counted
{
    /// <summary><c>1 token</c>, <c>2 tokens</c>.</summary>
    /// <param name="count">How many; 0 or more.</param>
    /// <param name="one">The noun for one.</param>
    /// <param name="many">The noun for all other numbers; null: that for one with an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(null, $"{count} {(count == 1 ? one : many ?? $"{one}s")}");
}
