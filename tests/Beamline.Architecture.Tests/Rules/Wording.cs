using System.Text.RegularExpressions;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>What no committed text holds: a machine's paths, work left undone, blocking calls, sleeps.</summary>
internal static partial class Wording
{
    private static readonly (Regex Pattern, string Reason)[] Everywhere =
    [
        (MachinePath(), "a path of one machine"),
        (Undone(), "work left undone belongs into the tracker"),
        (Conflict(), "a merge conflict"),
    ];

    private static readonly (Regex Pattern, string Reason)[] InProducts =
    [
        (Blocking(), "blocks a thread on a task"),
        (Suppression(), "a suppression covers one line and says why, in an attribute with a justification"),
    ];

    private static readonly (Regex Pattern, string Reason)[] InTests =
    [
        (Sleep(), "a test waits for an event, not for time"),
    ];

    /// <summary>What a file holds that none of its kind may.</summary>
    public static IEnumerable<string> Violations(SourceFile file)
    {
        IEnumerable<(Regex Pattern, string Reason)> rules = Everywhere;
        if (file.IsCode) rules = rules.Concat(file.IsTest ? InTests : InProducts);
        foreach ((Regex pattern, string reason) in rules)
        {
            foreach (Match match in pattern.Matches(file.Text))
            {
                int line = 1 + file.Text.AsSpan(0, match.Index).Count('\n');
                yield return $"{file.Path}:{line}: '{match.Value}' ({reason})";
            }
        }
    }

    // Each pattern has a bracket in it, so that it does not find itself.
    [GeneratedRegex(@"(?<![\w./])/(?:[h]ome|[r]oot|[w]ork|[U]sers|[m]nt)/\w|\b[A-Z]:[\\]Users")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(?:TO[D]O|FIX[M]E|HA[C]K|XX[X])\b|NotImplemented[E]xception")]
    private static partial Regex Undone();

    [GeneratedRegex(@"^(?:[<]{7}|[>]{7}) ", RegexOptions.Multiline)]
    private static partial Regex Conflict();

    [GeneratedRegex(@"\.GetAwaiter\(\)\.GetResult\(|Task\.WaitAll\(|Thread\.Sleep\(|\.ConfigureAwait\(false\)")]
    private static partial Regex Blocking();

    [GeneratedRegex(@"#pragma\s+warning\s+disable")]
    private static partial Regex Suppression();

    [GeneratedRegex(@"Thread\.[S]leep\(|Task\.[D]elay\((?!Timeout\.Infinite)")]
    private static partial Regex Sleep();
}
