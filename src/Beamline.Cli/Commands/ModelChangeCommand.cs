using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Gateways;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline models load</c> and <c>unload</c>: changes what a running cluster serves.</summary>
internal sealed class ModelChangeCommand : Command
{
    private const int MaxTimeout = 86_400;
    private readonly Terminal _terminal;
    private readonly Option<string> _url = CommonOptions.Url();
    private readonly Option<bool> _json = CommonOptions.Json();

    private readonly Argument<string> _model = new("name")
    {
        HelpName = "NAME",
        Description = "the model: a name that beamline models lists on the worker's machine, such as tales@int8",
    };

    private readonly Option<string[]> _workers = new("--worker")
    {
        HelpName = "SILO/DEVICE",
        Description = "A worker that beamline status shows; repeat the option for several. Default: all.",
    };

    private readonly Option<int> _timeout = new("--timeout")
    {
        HelpName = "SECONDS",
        Description = $"How long to wait, 1 to {MaxTimeout}; what was begun goes on after it.",
        DefaultValueFactory = _ => 1200,
    };

    private ModelChangeCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        _terminal = terminal;
        Arguments.Add(_model);
        Options.Add(_workers);
        Options.Add(_url);
        Options.Add(_timeout);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    /// <summary><c>load</c>.</summary>
    public static ModelChangeCommand Load(Terminal terminal) => new(terminal, "load", "Load a model on workers of a running cluster.");

    /// <summary><c>unload</c>.</summary>
    public static ModelChangeCommand Unload(Terminal terminal) => new(
        terminal, "unload", "Unload a model from workers of a running cluster. Requests that run go on elsewhere, or end first.");

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        int seconds = result.GetValue(_timeout);
        if (seconds is < 1 or > MaxTimeout)
        {
            throw new BeamlineException(BeamlineError.Invalid([new Fault("--timeout", $"{seconds}", $"1 to {MaxTimeout}")]));
        }
        using GatewayClient gateway = new(result.GetValue(_url)!, TimeSpan.FromSeconds(seconds));
        JsonObject body = [];
        if (result.GetValue(_workers) is { Length: > 0 } workers) body["workers"] = new JsonArray([.. workers.Select(id => (JsonNode)id)]);
        string model = string.Join('/', result.GetValue(_model)!.Split('/').Select(Uri.EscapeDataString));
        string answer = await gateway.PostAsync($"/v1/models/{model}/{Name}", body.ToJsonString(), cancellationToken);
        if (result.GetValue(_json)) await _terminal.Output.WriteLineAsync(answer);
        else await WriteAsync(answer);
        await _terminal.Output.FlushAsync(cancellationToken);
        return ExitCodes.Success;
    }

    private async Task WriteAsync(string answer)
    {
        using JsonDocument change = JsonDocument.Parse(answer);
        foreach (JsonElement worker in change.RootElement.GetProperty("workers").EnumerateArray())
        {
            string outcome = worker.GetProperty("result").GetString()!.Replace('_', ' ');
            await _terminal.Output.WriteLineAsync($"{worker.GetProperty("worker").GetString()}\t{outcome}");
        }
        if (!change.RootElement.TryGetProperty("message", out JsonElement message)) return;
        await _terminal.Error.WriteLineAsync(message.GetString());
    }
}
