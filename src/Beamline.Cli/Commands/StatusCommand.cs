using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Beamline.Cli.Gateways;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;
using Spectre.Console;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline status</c>: what a cluster consists of, and how busy it is.</summary>
internal sealed class StatusCommand : Command
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1), Limit = TimeSpan.FromSeconds(10);
    private readonly Terminal _terminal;
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<string> _url = CommonOptions.Url();

    private readonly Option<bool> _watch = new("--watch")
    {
        Description = "Show it again every second until Ctrl-C.",
        Arity = ArgumentArity.Zero,
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
        using GatewayClient gateway = new(result.GetValue(_url)!, Limit);
        using PeriodicTimer timer = new(Interval);
        do
        {
            await ShowAsync(await gateway.GetAsync("/v1/cluster", cancellationToken), result.GetValue(_json));
        }
        while (result.GetValue(_watch) && await timer.WaitForNextTickAsync(cancellationToken));
        return ExitCodes.Success;
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
            JsonElement workers = status.RootElement.GetProperty("workers");
            console.Write(TableOf(
                workers, ["id", "state", "models", "rows", "free_rows", "queued_searches", "queued_tokens", "tokens_per_second"]));
            if (ModelsOf(workers) is { Rows.Count: > 0 } models) console.Write(models);
        }
        await _terminal.Output.FlushAsync();
    }

    private static Table TableOf(JsonElement entries, string[] columns)
    {
        Table table = NewTable(columns);
        foreach (JsonElement entry in entries.EnumerateArray()) table.AddRow(CellsOf(entry, columns));
        return table;
    }

    /// <summary>A row for each model of each worker; an older server does not tell.</summary>
    private static Table ModelsOf(JsonElement workers)
    {
        string[] columns = ["name", "state", "rows", "free_rows", "queued_searches", "kv_bytes", "problem"];
        Table table = NewTable(["worker", .. columns]);
        foreach (JsonElement worker in workers.EnumerateArray())
        {
            if (!worker.TryGetProperty("model_states", out JsonElement models)) continue;
            string id = Markup.Escape(TextOf(worker.GetProperty("id")));
            foreach (JsonElement model in models.EnumerateArray()) table.AddRow([id, .. CellsOf(model, columns)]);
        }
        return table;
    }

    private static Table NewTable(string[] columns)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string column in columns) table.AddColumn(column.Replace('_', ' '));
        return table;
    }

    private static string[] CellsOf(JsonElement entry, string[] columns) =>
        [.. columns.Select(column => entry.TryGetProperty(column, out JsonElement value) ? Markup.Escape(TextOf(value)) : "")];

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(TextOf)),
        JsonValueKind.Number => value.GetDouble().ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
