using System.Collections.Concurrent;
using System.Diagnostics;
using Beamline.Abstractions.Errors;

namespace Beamline.Cli.Benchmarks;

/// <summary>A closed or open load of requests with heavy-tailed lengths.</summary>
internal static class ServeBenchmark
{
    /// <summary>Measures.</summary>
    public static async Task<ServeReport> RunAsync(ServeSettings settings, IServeTarget target)
    {
        await target.RunAsync(new LoadRequest(0, "Once upon a time", settings.MinTokens, TimeSpan.Zero), _ => { });     // warm-up
        IReadOnlyList<LoadRequest> plan = LoadPlan.Create(settings);
        ConcurrentBag<RequestTimes> done = [];
        int failed = 0;
        long start = Stopwatch.GetTimestamp();
        if (settings.Rate > 0) await RunOpenAsync();
        else await RunClosedAsync();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return Summarise(settings, [.. done], failed, seconds);

        async Task RunClosedAsync()
        {
            ConcurrentQueue<LoadRequest> waiting = new(plan);
            await Task.WhenAll(Enumerable.Range(0, settings.Clients).Select(async _ =>
            {
                while (waiting.TryDequeue(out LoadRequest? request)) await RunOneAsync(request);
            }));
        }

        async Task RunOpenAsync()
        {
            List<Task> running = [];
            TimeSpan due = TimeSpan.Zero;
            foreach (LoadRequest request in plan)
            {
                due += request.Pause;
                TimeSpan early = due - Stopwatch.GetElapsedTime(start);
                if (early > TimeSpan.Zero) await Task.Delay(early);
                running.Add(RunOneAsync(request));
            }
            await Task.WhenAll(running);
        }

        async Task RunOneAsync(LoadRequest request)
        {
            long sent = Stopwatch.GetTimestamp();
            double first = 0;
            int tokens = 0;
            try
            {
                await target.RunAsync(request, came =>
                {
                    if (tokens == 0) first = Stopwatch.GetElapsedTime(sent).TotalSeconds;
                    tokens += came;
                });
                done.Add(
                    new(Stopwatch.GetElapsedTime(start, sent).TotalSeconds, first, Stopwatch.GetElapsedTime(sent).TotalSeconds, tokens));
            }
            catch (Exception e) when (e is BeamlineException or HttpRequestException or IOException)
            {
                Interlocked.Increment(ref failed);      // overload is a result, not an end
            }
        }
    }

    private static ServeReport Summarise(ServeSettings settings, RequestTimes[] done, int failed, double seconds)
    {
        int good = done.Count(
            times => times.First <= settings.FirstTokenLimit.TotalSeconds && times.PerToken <= settings.TokenLimit.TotalSeconds);
        return new()
        {
            Target = settings.Url ?? "grains",
            Load = settings.Rate > 0 ? $"open, {settings.Rate} requests/s" : $"closed, {Counted.Of(settings.Clients, "client")}",
            Requests = done.Length,
            Failed = failed,
            Seconds = seconds,
            RequestsPerSecond = done.Length / seconds,
            TokensPerSecond = done.Sum(times => times.Tokens) / seconds,
            FirstToken = Quantiles.OfSeconds([.. done.Select(times => times.First)]),
            PerToken = Quantiles.OfSeconds([.. done.Where(times => times.Tokens > 1).Select(times => times.PerToken)]),
            Whole = Quantiles.OfSeconds([.. done.Select(times => times.Last)]),
            GoodputRequestsPerSecond = good / seconds,
            FirstTokenLimit = settings.FirstTokenLimit.TotalMilliseconds,
            TokenLimit = settings.TokenLimit.TotalMilliseconds,
        };
    }
}
