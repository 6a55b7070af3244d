using System.CommandLine;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Backends;
using Beamline.Cli.Benchmarks;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;
using Beamline.Models.Catalogue;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline bench decode</c>: the engine against a loop of nothing but forward passes.</summary>
internal sealed class BenchDecodeCommand : Command
{
    private readonly Option<string> _model = new("--model")
    {
        HelpName = "NAME",
        Description = "The model.",
        DefaultValueFactory = _ => ModelCatalogue.DefaultModel,
    };

    private readonly Option<string> _rows = new("--rows")
    {
        HelpName = "LIST",
        Description = "Batch sizes, such as 1,4,8,16.",
        DefaultValueFactory = _ => "1,4,8,16",
    };

    private readonly Option<DecodeMethod> _method = new("--method")
    {
        HelpName = "sample|greedy|beam",
        Description = "How tokens are chosen.",
        DefaultValueFactory = _ => DecodeMethod.Sample,
    };

    private readonly Option<int> _promptTokens = new("--prompt-tokens")
    {
        Description = "Tokens of each prompt.",
        DefaultValueFactory = _ => 16,
    };

    private readonly Option<int> _newTokens = new("--new-tokens")
    {
        Description = "Tokens generated in each row.",
        DefaultValueFactory = _ => 128,
    };

    private readonly Option<int> _pairs = new("--pairs")
    {
        Description = "How often engine and bare loop take turns.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads of a forward pass; 0 chooses.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _mixed = new("--mixed")
    {
        Description = "Requests of a mixed load on the largest batch.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _shared = new("--shared-tokens")
    {
        Description = "Tokens that the prompts have in common; the rest differs, and the cache of prompts is on. 0: it is off.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int> _sequences = new("--sequences")
    {
        Description = "Sampled sequences of a request that goes through client and grains, as generate sends it.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<bool> _json = CommonOptions.Json();

    public BenchDecodeCommand(IBackend backend, Terminal terminal)
        : base("decode", "Tokens a second of the engine over those of a bare loop on the same graph, in one process.")
    {
        Option[] options = [_model, _rows, _method, _promptTokens, _newTokens, _pairs, _threads, _mixed, _shared, _sequences, _json];
        foreach (Option option in options) Options.Add(option);
        SetAction((result, _) => RunAsync(result, backend, terminal));
    }

    private async Task<int> RunAsync(ParseResult result, IBackend backend, Terminal terminal)
    {
        DecodeReport report = await DecodeBenchmark.RunAsync(ReadSettings(result), new ModelCatalogue(new()), backend);
        if (result.GetValue(_json)) terminal.Output.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.DecodeReport));
        else Print(terminal.Output, report);
        return ExitCodes.Success;
    }

    private DecodeSettings ReadSettings(ParseResult result)
    {
        List<Fault> faults = [];
        DecodeMethod method = result.GetValue(_method);
        string list = result.GetRequiredValue(_rows);
        List<int> rows = [];
        foreach (string text in list.Split(','))
        {
            bool fits = int.TryParse(text, out int count) && count is >= 1 and <= 256 && (method != DecodeMethod.Beam || count % 4 == 0);
            if (fits) rows.Add(count);
            else faults.Add(new("--rows", list, method == DecodeMethod.Beam ? "multiples of 4 from 4 to 256" : "numbers from 1 to 256"));
        }
        DecodeSettings settings = new(
            result.GetRequiredValue(_model), rows, method, Within(_promptTokens, 2), Within(_newTokens, 2), Within(_pairs, 1),
            Within(_threads, 0), Within(_mixed, 0), Within(_shared, 0), Within(_sequences, 0));
        if (settings.SharedTokens > settings.PromptTokens - 2)
        {
            faults.Add(new(
                _shared.Name, $"{settings.SharedTokens}", $"at most {settings.PromptTokens - 2}, two less than --prompt-tokens"));
        }
        return faults.Count == 0 ? settings : throw new BeamlineException(BeamlineError.Invalid([.. faults]));

        int Within(Option<int> option, int least)
        {
            int value = result.GetValue(option);
            if (value < least) faults.Add(new(option.Name, $"{value}", $"{least} or more"));
            return value;
        }
    }

    private static void Print(TextWriter output, DecodeReport report)
    {
        output.WriteLine(
            $"{report.Model}, {report.Method}, {report.PromptTokens} + {Counted.Of(report.NewTokens, "token")}, "
            + $"{Counted.Of(report.Threads, "thread")}, medians of {Counted.Of(report.Pairs, "pair")}");
        output.WriteLine($"load {report.LoadSeconds:F2} s, weights {report.WeightBytes / 1e6:F1} MB, peak {report.PeakBytes / 1e6:F0} MB");
        output.WriteLine("rows  engine tok/s  bare tok/s  ratio  step p50 ms     p95     p99  loop B/tok  process B/tok  time/sampling");
        foreach (DecodeFigures row in report.Rows)
        {
            output.WriteLine(
                $"{row.Rows,4}  {row.EngineTokensPerSecond,12:F1}  {row.BareTokensPerSecond,10:F1}  {row.Ratio,5:F3}"
                + $"  {row.StepP50Milliseconds,11:F3}  {row.StepP95Milliseconds,6:F3}  {row.StepP99Milliseconds,6:F3}"
                + $"  {row.LoopBytesPerToken,10:F1}  {row.ProcessBytesPerToken,13:F1}"
                + $"  {row.TimeOverSampling,13:F3}");
        }
        if (report.Mixed is { } mixed)
        {
            output.WriteLine(
                $"mixed: {Counted.Of(mixed.Requests, "request")}, {Counted.Of(mixed.Tokens, "token")}, "
                + $"{mixed.EngineTokensPerSecond:F1} tok/s, {mixed.RatioToFullRows:F3} of the bare loop with full rows, "
                + $"{mixed.RatioToSameWork:F3} of it with as many prompts; {mixed.Seconds:F3} s, {mixed.Passes:F0} passes, "
                + $"{mixed.PromptTokensComputed:F0} prompt tokens computed and {mixed.PromptTokensCached:F0} at hand");
        }
        if (report.Orchestrated is { } orchestrated)
        {
            output.WriteLine(
                $"through client and grains: {orchestrated.Sequences} sequences, {orchestrated.TokensPerSecond:F1} tok/s, "
                + $"{orchestrated.RatioToBareLoop:F3} of the bare loop");
        }
    }
}
