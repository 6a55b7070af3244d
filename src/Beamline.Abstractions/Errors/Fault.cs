namespace Beamline.Abstractions.Errors;

/// <summary>One thing that is wrong with an input.</summary>
/// <param name="Field">The field by the name its caller used, such as <c>top_p</c> or <c>prompt[2]</c>.</param>
/// <param name="Value">The value that was given, as text, shortened when long.</param>
/// <param name="Rule">What is allowed, such as <c>above 0 and at most 1</c>.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Fault")]
public sealed record Fault([property: Id(0)] string Field, [property: Id(1)] string Value, [property: Id(2)] string Rule)
{
    /// <summary>The fault in one line: <c>top_p is 2; allowed: above 0 and at most 1</c>.</summary>
    public override string ToString() => $"{Field} is {Value}; allowed: {Rule}";
}
