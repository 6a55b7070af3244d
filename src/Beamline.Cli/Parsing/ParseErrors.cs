using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace Beamline.Cli.Parsing;

/// <summary>Says in one line each what is wrong with a command line.</summary>
internal static partial class ParseErrors
{
    /// <summary>Everything that is wrong; empty when it can be run.</summary>
    /// <param name="result">What was parsed.</param>
    /// <param name="args">What it was parsed from.</param>
    public static IReadOnlyList<string> Of(ParseResult result, IReadOnlyList<string> args)
    {
        Command command = result.CommandResult.Command;
        if (command is RootCommand) return [OfRoot(command, args)];

        List<string> errors = [];
        string[] mayBeOptions = [.. args.TakeWhile(arg => arg != "--")];
        string[] unknown = [.. TokensOf(result).Where(token => LooksLikeAnOption().IsMatch(token)).Intersect(mayBeOptions)];
        foreach (string option in unknown) errors.Add(OfOption(command, option));
        bool isPlain = unknown.Length == 0;
        // What follows an unknown option was meant as its value.
        if (isPlain && result.UnmatchedTokens.Count > 0) errors.Add(OfSurplus(command, result.UnmatchedTokens, mayBeOptions));
        foreach (ParseError error in result.Errors)
        {
            if (error.SymbolResult is OptionResult option) errors.Add(OfValue(option));
            else if (error.SymbolResult is ArgumentResult argument && isPlain) errors.Add(OfMissing(argument.Argument));
            else if (error.SymbolResult is CommandResult && isPlain && errors.Count == 0) errors.Add(error.Message);
        }
        return [.. errors.Distinct()];
    }

    private static IEnumerable<string> TokensOf(ParseResult result) => result.CommandResult.Children
        .OfType<ArgumentResult>().SelectMany(argument => argument.Tokens.Select(token => token.Value))
        .Concat(result.UnmatchedTokens);

    private static string OfRoot(Command root, IReadOnlyList<string> args)
    {
        string[] names = [.. root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)];
        string all = $"{string.Join(", ", names[..^1])} or {names[^1]}";
        if (args.Count == 0) return $"say what to do: {all}; beamline --help tells more";
        return OfWord(args[0], names, all);
    }

    private static string OfWord(string word, string[] names, string all) => Suggestion.For(word, names) is { } near
        ? $"unknown command '{word}': the nearest is {near}"
        : $"unknown command '{word}': say {all}";

    // With the commands it stands below: bench decode.
    private static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent and not RootCommand
        ? $"{PathOf(parent)} {command.Name}"
        : command.Name;

    private static string OfOption(Command command, string token)
    {
        string name = token.Split('=', ':')[0];
        string? near = Suggestion.For(name, command.Options.Where(option => !option.Hidden).Select(option => option.Name));
        return near is null
            ? $"unknown option {name}: beamline {PathOf(command)} --help lists all; put -- before a text that begins with a dash"
            : $"unknown option {name}: the nearest is {near}";
    }

    private static string OfValue(OptionResult option) => option switch
    {
        { IdentifierTokenCount: > 1 } => $"{option.Option.Name} was given {option.IdentifierTokenCount} times: give it once",
        { Tokens.Count: 0 } => $"{option.Option.Name} needs a value: {option.Option.Description?.TrimEnd('.')}",
        _ => $"{option.Option.Name} cannot be '{string.Join(' ', option.Tokens)}': {option.Option.Description?.TrimEnd('.')}",
    };

    private static string OfMissing(Argument argument) => $"{argument.HelpName} is missing: {argument.Description}";

    private static string OfSurplus(Command command, IReadOnlyList<string> surplus, string[] args)
    {
        // --switch=value, where the value is none: the parser has parted them.
        string? joined = args.FirstOrDefault(arg => arg.StartsWith('-') && surplus.Any(token => arg.EndsWith($"={token}")));
        if (joined is not null) return $"{joined} is no switch's value: leave it out, or say true or false";
        if (command.Subcommands.Count > 0)
        {
            string[] names = [.. command.Subcommands.Select(below => below.Name)];
            return OfWord(surplus[0], names, string.Join(" or ", names));
        }
        string tokens = string.Join(' ', surplus.Select(token => $"'{token}'"));
        string advice = command.Arguments.Count > 0
            ? "put quotes around a text of several words"
            : $"beamline {PathOf(command)} takes options only";
        return $"unexpected {tokens}: {advice}";
    }

    [GeneratedRegex("^--?[A-Za-z]")]
    private static partial Regex LooksLikeAnOption();
}
