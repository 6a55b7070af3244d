using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Backends;
using Beamline.Cli.Comparison;
using Beamline.Cli.Output;
using Beamline.Cli.Parsing;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline compare PROMPT</c>: the same prompt under several methods, side by side.</summary>
internal sealed class CompareCommand : Command
{
    private const int DefaultSamples = 4, MaxSamples = 128, DefaultNewTokens = 64;

    private readonly Argument<string> _prompt = CommonOptions.Prompt();
    private readonly Option<string?> _model = CommonOptions.Model();
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ParameterTable _parameters = new("max_new_tokens", "seed");

    private readonly Option<string?> _samples = new("--samples")
    {
        HelpName = "N",
        Description = $"Texts of each method that draws, 1 to {MaxSamples}. Default: {DefaultSamples}.",
    };

    /// <summary>The command over a backend.</summary>
    public CompareCommand(IBackend backend, Terminal terminal)
        : base("compare", "Continue a text by greedy and beam search, top-k, top-p and temperatures, side by side.")
    {
        Arguments.Add(_prompt);
        Options.Add(_model);
        Options.Add(_json);
        Options.Add(_samples);
        _parameters.AddTo(this);
        SetAction((result, cancellationToken) => RunAsync(result, backend, terminal, cancellationToken));
    }

    private async Task<int> RunAsync(ParseResult result, IBackend backend, Terminal terminal, CancellationToken cancellationToken)
    {
        GenerationParameters given = _parameters.Read(result);
        long seed = given.Seed ?? Random.Shared.Next();
        ImmutableArray<ComparedMethod> methods = ComparedMethod.All(SamplesOf(result), given.MaxNewTokens ?? DefaultNewTokens, seed);
        string prompt = await CommonOptions.ReadPromptAsync(result.GetRequiredValue(_prompt), terminal, cancellationToken);
        string? model = result.GetValue(_model);
        await using ICluster cluster = await backend.OpenClusterAsync(model, cancellationToken);
        // All at once: their rows share the engine's batches, and a request's text does not depend on its neighbours.
        ComparedRun[] runs = await Task.WhenAll(methods.Select(async method =>
        {
            GenerationRequest request = new()
            {
                Id = RequestId.New(),
                Model = model,
                Prompts = [new TextPrompt(prompt)],
                Parameters = method.Parameters,
            };
            GenerationResult whole = await cluster.Client.GenerateAsync(request, cancellationToken);
            return new ComparedRun(method, whole, MethodFigures.Of(whole));
        }));
        if (result.GetValue(_json)) CliJson.WriteLine(terminal.Output, json => ComparisonJson.Write(json, prompt, seed, runs));
        else ComparisonTable.Write(terminal, seed, runs);
        return ExitCodes.Success;
    }

    private int SamplesOf(ParseResult result)
    {
        if (result.GetValue(_samples) is not { } text) return DefaultSamples;
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int samples);
        return isNumber && samples is >= 1 and <= MaxSamples
            ? samples
            : throw new BeamlineException(BeamlineError.Invalid([new Fault("--samples", $"'{text}'", $"1 to {MaxSamples}")]));
    }
}
