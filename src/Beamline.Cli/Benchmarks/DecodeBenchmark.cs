using System.Diagnostics;
using Beamline.Abstractions.Requests;
using Beamline.Cli.Backends;
using Beamline.Decoding.Stopping;
using Beamline.Engine;
using Beamline.Engine.Configuration;
using Beamline.Engine.Backends.Host;
using Beamline.Engine.Reporting;
using Beamline.Engine.Sessions;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Cli.Benchmarks;

/// <summary>Engine against bare loop, interleaved in one process, on the same graph and the same row counts.</summary>
internal static class DecodeBenchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>Measures.</summary>
    /// <exception cref="Abstractions.Errors.BeamlineException">Unknown or damaged model, or settings it has no room for.</exception>
    public static async Task<DecodeReport> RunAsync(DecodeSettings settings, ModelCatalogue catalogue, IBackend backend)
    {
        CachedModel model = catalogue.Open(settings.Model);
        HostBackendFactory backends = new(new OnnxLoader(model.GraphPath, model.Description, settings.Threads));
        TimedBackends timed = new(backends);
        int rows = settings.Rows.Max();
        EngineOptions options = new() { Rows = rows, Threads = settings.Threads };
        // The prompts are the same each time: with a cache the engine would be spared what the bare loop has to do.
        if (settings.SharedTokens == 0) options.PrefixCacheBytes = 0;
        long start = Stopwatch.GetTimestamp();
        using InferenceEngine engine = new(
            new(model.Description, timed, new TokenizerBytes(model.LoadTokenizer())), options, TimeProvider.System, NullLogger.Instance);
        TimeSpan load = Stopwatch.GetElapsedTime(start);
        EngineRun run = new(engine, settings);
        foreach (int count in settings.Rows) await WarmUpAsync(() => run.RunAsync(settings.Method, count));
        long peak = PeakMemory();

        using BareLoop bare = new(timed.Share, model.Description, rows, settings.PromptTokens);
        foreach (int count in settings.Rows) await WarmUpAsync(() => Task.Run(() => RunBare(bare, settings, count)));
        List<DecodeFigures> figures = [];
        foreach (int count in settings.Rows) figures.Add(await MeasureAsync(settings, run, bare, timed, count));
        return new()
        {
            Model = settings.Model,
            Method = settings.Method.ToString().ToLowerInvariant(),
            PromptTokens = settings.PromptTokens,
            NewTokens = settings.NewTokens,
            Pairs = settings.Pairs,
            Threads = backends.Threads,
            LoadSeconds = load.TotalSeconds,
            WeightBytes = Directory.GetFiles(model.Folder, "*.onnx*").Sum(file => new FileInfo(file).Length),
            PeakBytes = peak,
            Rows = figures,
            Mixed = settings.Mixed > 0 ? await MeasureMixedAsync(settings, run, bare, rows) : null,
            Orchestrated = settings.Sequences > 0 ? await MeasureOrchestratedAsync(settings, backends, model, backend) : null,
        };
    }

    /// <summary>Runs until the runtime has compiled the loop as well as it will.</summary>
    private static async Task WarmUpAsync(Func<Task> run)
    {
        long start = Stopwatch.GetTimestamp();
        do await run();
        while (Stopwatch.GetElapsedTime(start) < WarmUp);
    }

    private static async Task<DecodeFigures> MeasureAsync(
        DecodeSettings settings, EngineRun run, BareLoop bare, TimedBackends timed, int rows)
    {
        List<double> engineRates = [], bareRates = [], ratios = [], steps = [], loopBytes = [], allBytes = [], overSampling = [];
        double tokens = (double)rows * settings.NewTokens;
        for (int pair = 0; pair < settings.Pairs; pair++)
        {
            timed.Clear();
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            long start = Stopwatch.GetTimestamp();
            await run.RunAsync(settings.Method, rows);
            double engineSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            allBytes.Add((GC.GetTotalAllocatedBytes(precise: true) - bytes) / tokens);
            loopBytes.Add(timed.LoopBytes / tokens);
            steps.AddRange(timed.StepMilliseconds());

            start = Stopwatch.GetTimestamp();
            RunBare(bare, settings, rows);
            double bareSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

            if (settings.Method == DecodeMethod.Beam)
            {
                start = Stopwatch.GetTimestamp();
                await run.RunAsync(DecodeMethod.Sample, rows);
                overSampling.Add(engineSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            engineRates.Add(tokens / engineSeconds);
            bareRates.Add(tokens / bareSeconds);
            ratios.Add(bareSeconds / engineSeconds);
        }
        return new()
        {
            Rows = rows,
            EngineTokensPerSecond = Statistics.Median(engineRates)!.Value,
            BareTokensPerSecond = Statistics.Median(bareRates)!.Value,
            Ratio = Statistics.Median(ratios)!.Value,
            TimeOverSampling = Statistics.Median(overSampling),
            StepP50Milliseconds = Statistics.Percentile(steps, 0.5),
            StepP95Milliseconds = Statistics.Percentile(steps, 0.95),
            StepP99Milliseconds = Statistics.Percentile(steps, 0.99),
            LoopBytesPerToken = Statistics.Median(loopBytes)!.Value,
            ProcessBytesPerToken = Statistics.Median(allBytes)!.Value,
        };
    }

    private static async Task<MixedFigures> MeasureMixedAsync(DecodeSettings settings, EngineRun run, BareLoop bare, int rows)
    {
        Random random = new(1);
        List<int> lengths = [.. Enumerable.Range(0, settings.Mixed).Select(_ => LoadPlan.Length(random, 8, 256))];
        int tokens = lengths.Sum();
        List<double> rates = [], ratios = [], sameWork = [], wall = [];
        EngineCounters before = await run.SettledCountersAsync();
        for (int pair = 0; pair < settings.Pairs; pair++)
        {
            long start = Stopwatch.GetTimestamp();
            await run.RunAsync(settings.Method, lengths);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            wall.Add(seconds);
            rates.Add(tokens / seconds);
            start = Stopwatch.GetTimestamp();
            bare.Run(settings.Mixed, rows, settings.PromptTokens, tokens / rows);
            sameWork.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / seconds);
            start = Stopwatch.GetTimestamp();
            RunBare(bare, settings, rows);
            ratios.Add(rates[^1] / (rows * settings.NewTokens / Stopwatch.GetElapsedTime(start).TotalSeconds));
        }
        EngineCounters after = await run.SettledCountersAsync();
        return new()
        {
            Requests = settings.Mixed,
            Tokens = tokens,
            Seconds = Statistics.Median(wall)!.Value,
            EngineTokensPerSecond = Statistics.Median(rates)!.Value,
            RatioToFullRows = Statistics.Median(ratios)!.Value,
            RatioToSameWork = Statistics.Median(sameWork)!.Value,
            Passes = (double)(after.Passes - before.Passes) / settings.Pairs,
            PromptTokensComputed = (double)(after.PrefilledTokens - before.PrefilledTokens) / settings.Pairs,
            PromptTokensCached = (double)(after.CachedTokens - before.CachedTokens) / settings.Pairs,
        };
    }

    private static async Task<OrchestratedFigures> MeasureOrchestratedAsync(
        DecodeSettings settings, HostBackendFactory backends, CachedModel model, IBackend backend)
    {
        await using ICluster cluster = await backend.OpenClusterAsync(settings.Model, CancellationToken.None);
        using BareLoop bare = new(backends.Open, model.Description, settings.Sequences, settings.PromptTokens);
        double tokens = settings.Sequences * settings.NewTokens;
        List<double> rates = [], ratios = [];
        for (int pair = -1; pair < settings.Pairs; pair++)
        {
            long start = Stopwatch.GetTimestamp();
            await cluster.Client.GenerateAsync(NewRequest(settings, pair));
            double rate = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            start = Stopwatch.GetTimestamp();
            // The samples share their prompt: it is computed once, here as there.
            bare.Run(prompts: 1, settings.Sequences, settings.PromptTokens, settings.NewTokens);
            double bareRate = tokens / Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (pair < 0) continue;     // warm-up
            rates.Add(rate);
            ratios.Add(rate / bareRate);
        }
        return new(settings.Sequences, Statistics.Median(rates)!.Value, Statistics.Median(ratios)!.Value);
    }

    /// <summary>Each has a prompt of its own: with the same one the prefix cache would spare what the bare loop has to do.</summary>
    private static GenerationRequest NewRequest(DecodeSettings settings, int number) => new()
    {
        Id = RequestId.New(),
        Model = settings.Model,
        Prompts = [new TokenPrompt([.. Enumerable.Range(2 + number, settings.PromptTokens)])],
        Parameters = new()
        {
            MaxNewTokens = settings.NewTokens,
            NumReturnSequences = settings.Sequences,
            DoSample = true,
            Temperature = 0.8f,
            TopP = 0.95f,
            TopK = 0,
            EosTokenId = [],
        },
    };

    private static void RunBare(BareLoop bare, DecodeSettings settings, int rows) =>
        bare.Run(EngineRun.Searches(settings.Method, rows), rows, settings.PromptTokens, settings.NewTokens);

    private static long PeakMemory()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }

    private sealed class TokenizerBytes(ITokenizer tokenizer) : ITokenBytes
    {
        public ReadOnlySpan<byte> this[int id] => tokenizer.TokenBytes(id);
    }
}
