using Beamline.Cluster.Tests.Processes;

namespace Beamline.Cluster.Tests.Failover;

/// <summary>A constant number of streams: when one ends, the same request is sent again; each must give what it gave undisturbed.</summary>
internal sealed class Load
{
    private readonly Func<ServerProcess> _entry;
    private readonly string[] _expected;
    private readonly string? _model;
    private readonly CancellationToken _cancellationToken;
    private readonly Lock _gate = new();
    private volatile bool _stopping;
    private Task _running = Task.CompletedTask;

    private Load(Func<ServerProcess> entry, string[] expected, string? model, CancellationToken cancellationToken)
    {
        _entry = entry;
        _expected = expected;
        _model = model;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Streams that ended.</summary>
    public int Ended { get; private set; }

    /// <summary>The longest time in which a stream brought nothing.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>Each stream's longest pause, what was asked for, and when the pause ended.</summary>
    public List<(TimeSpan Length, long End, int Number)> Pauses { get; } = [];

    /// <summary>Runs each request once undisturbed, then all of them again and again.</summary>
    /// <param name="entry">Where to send them.</param>
    /// <param name="streams">How many at a time.</param>
    /// <param name="tokens">Tokens of each sequence.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="model">The model; null is the default one.</param>
    public static async Task<Load> StartAsync(
        Func<ServerProcess> entry, int streams, int tokens, CancellationToken cancellationToken, string? model = null)
    {
        Stream[] undisturbed =
            [.. Enumerable.Range(0, streams).Select(i => Stream.Start(entry().Http, Requests.Of(i, tokens, model), cancellationToken))];
        await Task.WhenAll(undisturbed.Select(stream => stream.Ended));
        Load load = new(entry, [.. undisturbed.Select(stream => stream.Text)], model, cancellationToken);
        load._running = Task.WhenAll(Enumerable.Range(0, streams).Select(i => load.RepeatAsync(i, tokens)));
        return load;
    }

    /// <summary>Waits for a number of streams that end from now on.</summary>
    public async Task EndAsync(int streams)
    {
        int until = Ended + streams;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (Ended < until && !_running.IsFaulted) await timer.WaitForNextTickAsync(_cancellationToken);
        if (_running.IsFaulted) await _running;
    }

    /// <summary>Lets the last ones end.</summary>
    /// <exception cref="InvalidOperationException">One failed, or gave something else than undisturbed.</exception>
    public Task StopAsync()
    {
        _stopping = true;
        return _running;
    }

    private async Task RepeatAsync(int number, int tokens)
    {
        while (!_stopping)
        {
            Stream stream = Stream.Start(_entry().Http, Requests.Of(number, tokens, _model), _cancellationToken);
            await stream.Ended;
            if (stream.Text != _expected[number])
            {
                throw new InvalidOperationException($"Request {number} gave\n{stream.Text}\ninstead of\n{_expected[number]}");
            }
            lock (_gate)
            {
                Ended++;
                Pauses.Add((stream.LongestPause, stream.PauseEnd, number));
                if (stream.LongestPause > LongestPause) LongestPause = stream.LongestPause;
            }
        }
    }
}
