using Beamline.Abstractions.Errors;
using Beamline.Cli.Parsing;

namespace Beamline.Cli.Output;

/// <summary>Words an error for a person at a prompt: fields are named as the options they were given by.</summary>
internal static class ErrorText
{
    private static readonly HashSet<string> OptionNames = [.. ParameterTable.Names, "model"];

    /// <summary>All of it in one line.</summary>
    public static string Of(BeamlineError error)
    {
        string text = error.Faults.IsDefaultOrEmpty ? error.Message : string.Join(". ", error.Faults.Select(InOptions));
        return error.RetryAfter is { } wait ? $"{text} Try again in {Math.Ceiling(wait.TotalSeconds):F0} s." : text;
    }

    private static Fault InOptions(Fault fault) =>
        OptionNames.Contains(fault.Field) ? fault with { Field = ParameterOption.OptionNameOf(fault.Field) } : fault;
}
