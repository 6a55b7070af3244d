using System.CommandLine;

namespace Beamline.Cli.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Which model.</summary>
    public static Option<string?> Model() => new("--model")
    {
        HelpName = "NAME",
        Description = "The model: a name that beamline models lists, or a model's folder. Default: the embedded one.",
    };

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => new("--json")
    {
        Description = "Print JSON on one line.",
        Arity = ArgumentArity.Zero,
    };
}
