namespace Beamline.Models.Tests.Support;

/// <summary>One prompt of an expected.json; <paramref name="LogitsAll"/> is empty for long ones.</summary>
public sealed record ExpectedPrompt(int[] Ids, float[] LogitsLast, IReadOnlyList<float[]> LogitsAll, int[] Greedy);
