using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;

namespace Beamline.Cli.Parsing;

/// <summary>One generation parameter as an option of the command line: <c>top_k</c> is <c>--top-k</c>.</summary>
internal sealed class ParameterOption
{
    private readonly ParameterForm _form;

    /// <summary>The option of a parameter.</summary>
    /// <param name="property">The parameter.</param>
    /// <param name="valueName">What help shows for the value; empty for a switch.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public ParameterOption(JsonPropertyInfo property, string valueName, string help)
    {
        Name = property.Name;
        _form = ParameterForm.Of(property.PropertyType);
        Option = _form.MaxValues switch
        {
            0 => new Option<bool>(OptionNameOf(Name)),
            1 => new Option<string>(OptionNameOf(Name)),
            _ => new Option<string[]>(OptionNameOf(Name)) { Arity = ArgumentArity.OneOrMore },
        };
        Option.Description = help;
        if (valueName.Length > 0) Option.HelpName = valueName;
    }

    /// <summary>The parameter's name in the reference.</summary>
    public string Name { get; }

    /// <summary>What is allowed as a value, in words.</summary>
    public string Form => _form.Rule;

    /// <summary>The option to add to a command.</summary>
    public Option Option { get; }

    /// <summary>The option's name of a parameter's name.</summary>
    public static string OptionNameOf(string parameter) => $"--{parameter.Replace('_', '-')}";

    /// <summary>The parameter's JSON value when the option was given.</summary>
    /// <param name="result">What was parsed, without errors.</param>
    /// <param name="faults">Receives what is wrong with the value.</param>
    /// <returns>Null when it was not given or is wrong.</returns>
    public string? Read(ParseResult result, ICollection<Fault> faults)
    {
        if (result.GetResult(Option) is not OptionResult { Implicit: false } given) return null;
        string[] values = [.. given.Tokens.Select(token => token.Value)];
        string? json = _form.ToJson(values);
        if (json is not null && Fits(json)) return json;
        faults.Add(new(Option.Name, $"'{string.Join(' ', values)}'", _form.Rule));
        return null;
    }

    // The type's own reader is the judge of size, depth and kind.
    private bool Fits(string json)
    {
        try
        {
            return JsonSerializer.Deserialize($"{{\"{Name}\":{json}}}", GenerationJson.Default.GenerationParameters) is not null;
        }
        catch (Exception failure) when (failure is JsonException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
