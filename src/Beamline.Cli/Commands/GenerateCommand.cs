using System.CommandLine;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Backends;
using Beamline.Cli.Output;
using Beamline.Cli.Parsing;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline generate PROMPT</c>: continues a text.</summary>
internal sealed class GenerateCommand : Command
{
    private readonly Argument<string> _prompt = CommonOptions.Prompt();
    private readonly Option<string?> _model = CommonOptions.Model();
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly ParameterTable _parameters = new();

    /// <summary>The command over a backend.</summary>
    public GenerateCommand(IBackend backend, Terminal terminal)
        : base("generate", "Continue a text. Options have the names of transformers' generate.")
    {
        Arguments.Add(_prompt);
        Options.Add(_model);
        Options.Add(_json);
        _parameters.AddTo(this);
        SetAction((result, cancellationToken) => RunAsync(result, backend, terminal, cancellationToken));
    }

    private async Task<int> RunAsync(ParseResult result, IBackend backend, Terminal terminal, CancellationToken cancellationToken)
    {
        GenerationParameters parameters = _parameters.Read(result);
        string prompt = await CommonOptions.ReadPromptAsync(result.GetRequiredValue(_prompt), terminal, cancellationToken);
        GenerationRequest request = new()
        {
            Id = RequestId.New(),
            Model = result.GetValue(_model),
            Prompts = [new TextPrompt(prompt)],
            Parameters = parameters,
        };
        await using ICluster cluster = await backend.OpenClusterAsync(request.Model, cancellationToken);
        if (result.GetValue(_json))
        {
            GenerationResult whole = await cluster.Client.GenerateAsync(request, cancellationToken);
            CliJson.WriteLine(terminal.Output, json => ResultJson.Write(json, whole));
            return ExitCodes.Success;
        }
        await PrintAsync(cluster.Client.StreamAsync(request, cancellationToken: cancellationToken), IsOneStream(parameters), terminal);
        return ExitCodes.Success;
    }

    // Only one greedy or sampled sequence has text that is final before the end.
    private static bool IsOneStream(GenerationParameters parameters) =>
        (parameters.NumBeams ?? 1) <= 1 && (parameters.NumReturnSequences ?? 1) <= 1;

    private static async Task PrintAsync(IAsyncEnumerable<GenerationUpdate> updates, bool isOneStream, Terminal terminal)
    {
        bool isLineOpen = false;
        try
        {
            await foreach (GenerationUpdate update in updates)
            {
                string text = update switch
                {
                    TokenAppended token when isOneStream => token.Text,
                    BranchFinished branch when isOneStream => branch.Text,
                    _ => "",
                };
                if (text.Length > 0)
                {
                    isLineOpen = true;
                    terminal.Output.Write(text);
                    terminal.Output.Flush();
                }
                if (update is Failed failed) throw new BeamlineException(failed.Error);
                if (update is Completed completed)
                {
                    if (isOneStream) isLineOpen = true;
                    else ResultText.Write(terminal, completed.Result);
                    foreach (string warning in completed.Result.Warnings) terminal.Complain($"warning: {warning}");
                }
            }
        }
        finally
        {
            if (isLineOpen) terminal.Output.WriteLine();
            terminal.Output.Flush();
        }
    }
}
