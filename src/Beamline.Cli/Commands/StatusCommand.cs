using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Terminals;
using Spectre.Console;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline status</c>: what a cluster consists of, and how busy it is.</summary>
internal sealed class StatusCommand : Command
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), Limit = TimeSpan.FromSeconds(10);
    private readonly Terminal _terminal;
    private readonly Option<bool> _json = CommonOptions.Json();

    private readonly Option<bool> _watch = new("--watch")
    {
        Description = "Show it again every second until Ctrl-C.",
        Arity = ArgumentArity.Zero,
    };

    private readonly Option<string> _url = new("--url")
    {
        HelpName = "URL",
        Description = "A gateway of the cluster. Default: http://localhost:5000.",
        DefaultValueFactory = _ => "http://localhost:5000",
    };

    /// <summary>The command.</summary>
    public StatusCommand(Terminal terminal)
        : base("status", "Show a cluster's silos and workers.")
    {
        _terminal = terminal;
        Options.Add(_url);
        Options.Add(_watch);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string url = result.GetValue(_url)!;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            Fault fault = new("--url", $"'{url}'", "an address such as http://localhost:5000");
            throw new BeamlineException(BeamlineError.Invalid([fault]));
        }
        using HttpClient http = new() { BaseAddress = address, Timeout = Limit };
        using PeriodicTimer timer = new(Interval);
        do
        {
            await ShowAsync(await ReadAsync(http, cancellationToken), result.GetValue(_json));
        }
        while (result.GetValue(_watch) && await timer.WaitForNextTickAsync(cancellationToken));
        return ExitCodes.Success;
    }

    private static async Task<string> ReadAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync("/v1/cluster", cancellationToken);
            string body = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? body
                : throw new BeamlineException(BeamlineErrorCode.NoWorker, $"{http.BaseAddress} answers {(int)answer.StatusCode}: {body}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new BeamlineException(
                BeamlineErrorCode.NoWorker, $"Nobody answers at {http.BaseAddress}; start a server there, or name another with --url.", e);
        }
    }

    private async Task ShowAsync(string body, bool isJson)
    {
        if (isJson)
        {
            await _terminal.Output.WriteLineAsync(body);
        }
        else
        {
            using JsonDocument status = JsonDocument.Parse(body);
            IAnsiConsole console = _terminal.NewConsole();
            console.Write(TableOf(status.RootElement.GetProperty("silos"), ["name", "address", "state", "started"]));
            console.Write(TableOf(
                status.RootElement.GetProperty("workers"),
                ["id", "state", "models", "rows", "free_rows", "queued_searches", "queued_tokens", "tokens_per_second"]));
        }
        await _terminal.Output.FlushAsync();
    }

    private static Table TableOf(JsonElement entries, string[] columns)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string column in columns) table.AddColumn(column.Replace('_', ' '));
        foreach (JsonElement entry in entries.EnumerateArray())
        {
            table.AddRow([.. columns.Select(column => Markup.Escape(TextOf(entry.GetProperty(column))))]);
        }
        return table;
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(TextOf)),
        JsonValueKind.Number => value.GetDouble().ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
