using System.CommandLine;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary>Arguments and options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>What to continue.</summary>
    public static Argument<string> Prompt() => new("prompt")
    {
        HelpName = "PROMPT",
        Description = "the text to continue; - reads standard input, \"\" starts from the begin token",
    };

    /// <summary>The prompt as it was given, or as standard input holds it.</summary>
    public static async Task<string> ReadPromptAsync(string prompt, Terminal terminal, CancellationToken cancellationToken) =>
        prompt == "-" ? await terminal.ReadInputAsync(cancellationToken) : prompt;

    /// <summary>Which model.</summary>
    public static Option<string?> Model() => new("--model")
    {
        HelpName = "NAME",
        Description = "The model: a name that beamline models lists, or a model's folder. Default: the embedded one.",
    };

    /// <summary>Which cluster.</summary>
    public static Option<string> Url() => new("--url")
    {
        HelpName = "URL",
        Description = "A gateway of the cluster. Default: http://localhost:5000.",
        DefaultValueFactory = _ => "http://localhost:5000",
    };

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => new("--json")
    {
        Description = "Print JSON on one line.",
        Arity = ArgumentArity.Zero,
    };
}
