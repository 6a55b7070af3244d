using System.CommandLine;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Backends;
using Beamline.Cli.Benchmarks;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline bench serve</c>: a load on a silo of this process, or on a server.</summary>
internal sealed class BenchServeCommand : Command
{
    private readonly Option<string?> _model = CommonOptions.Model();
    private readonly Option<string?> _url = new("--url")
    {
        HelpName = "URL",
        Description = "A server to put the load on; default: a silo in this process.",
    };

    private readonly Option<int> _requests = new("--requests")
    {
        Description = "Requests in all.",
        DefaultValueFactory = _ => 200,
    };

    private readonly Option<int> _clients = new("--clients")
    {
        Description = "Clients of a closed load.",
        DefaultValueFactory = _ => 16,
    };

    private readonly Option<double> _rate = new("--rate")
    {
        Description = "Requests a second of an open load; 0 is a closed load.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _minTokens = new("--min-tokens")
    {
        Description = "The shortest output.",
        DefaultValueFactory = _ => 8,
    };

    private readonly Option<int> _maxTokens = new("--max-tokens")
    {
        Description = "The longest output.",
        DefaultValueFactory = _ => 256,
    };

    private readonly Option<double> _firstLimit = new("--first-token-limit")
    {
        Description = "Goodput: milliseconds to the first token.",
        DefaultValueFactory = _ => 500,
    };

    private readonly Option<double> _tokenLimit = new("--token-limit")
    {
        Description = "Goodput: milliseconds a token.",
        DefaultValueFactory = _ => 50,
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Fixes lengths, arrivals and samples.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchServeCommand(IBackend backend, Terminal terminal)
        : base("serve", "Throughput, latencies and goodput under a load of requests with heavy-tailed lengths.")
    {
        Option[] options = [_model, _url, _requests, _clients, _rate, _minTokens, _maxTokens, _firstLimit, _tokenLimit, _seed, _json];
        foreach (Option option in options) Options.Add(option);
        SetAction((result, cancellationToken) => RunAsync(result, backend, terminal, cancellationToken));
    }

    private async Task<int> RunAsync(ParseResult result, IBackend backend, Terminal terminal, CancellationToken cancellationToken)
    {
        ServeSettings settings = new(
            result.GetValue(_model), result.GetValue(_url), result.GetValue(_requests), result.GetValue(_clients), result.GetValue(_rate),
            result.GetValue(_minTokens), result.GetValue(_maxTokens), TimeSpan.FromMilliseconds(result.GetValue(_firstLimit)),
            TimeSpan.FromMilliseconds(result.GetValue(_tokenLimit)), result.GetValue(_seed));
        await using IServeTarget target = settings.Url is { } url
            ? new HttpTarget(new Uri(url), settings.Model)
            : new GrainTarget(await backend.OpenClusterAsync(settings.Model, cancellationToken), settings.Model);
        ServeReport report = await ServeBenchmark.RunAsync(settings, target);
        if (result.GetValue(_json)) terminal.Output.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.ServeReport));
        else Print(terminal.Output, report);
        return ExitCodes.Success;
    }

    private static void Print(TextWriter output, ServeReport report)
    {
        string requests = Counted.Of(report.Requests, "request");
        output.WriteLine($"{report.Target}, {report.Load}: {requests} in {report.Seconds:F1} s, {report.Failed} failed");
        output.WriteLine($"{report.TokensPerSecond:F1} tokens/s, {report.RequestsPerSecond:F2} requests/s");
        output.WriteLine("ms               p50       p95       p99");
        Line("first token", report.FirstToken);
        Line("per token", report.PerToken);
        Line("whole", report.Whole);
        output.WriteLine(
            $"goodput {report.GoodputRequestsPerSecond:F2} requests/s "
            + $"(first token in {report.FirstTokenLimit} ms, {report.TokenLimit} ms a token)");

        void Line(string name, Quantiles times) => output.WriteLine($"{name,-11}  {times.P50,7:F1}   {times.P95,7:F1}   {times.P99,7:F1}");
    }
}
