using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
using Beamline.Decoding.Search;
using BenchmarkDotNet.Attributes;

namespace Beamline.Benchmarks.Decoding;

/// <summary>A step of as many beams as are allowed: what many ways on and draws cost beside the plain step.</summary>
/// <remarks>Logits are changed in place, so each step needs fresh ones; what the copy costs is a case of its own.</remarks>
[MemoryDiagnoser]
[Config(typeof(WideBeamConfig))]
public class WideBeamBenchmarks
{
    private const int Vocabulary = 50_257, Beams = 64, StopIds = 64;

    private static readonly string[] Kinds = ["copy", "plain", "64 stop ids", "sampling", "sampling, 64 stop ids", "sampling, top_k 50"];

    private readonly NoTokenBytes _tokens = new();
    private float[] _fresh = [];
    private float[] _logits = [];
    private SearchTicket _ticket = null!;
    private ISearch _search = null!;
    private SearchStep _step = null!;

    /// <summary>What is searched.</summary>
    [ParamsSource(nameof(AllKinds))]
    public string Kind { get; set; } = "";

    /// <summary>The values of <see cref="Kind"/>.</summary>
    public static IEnumerable<string> AllKinds => Kinds;

    /// <summary>Makes ticket and logits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _ticket = SearchTickets.Create(Parameters(Kind), Vocabulary, maxNewTokens: WideBeamConfig.Calls + 2);
        _fresh = SearchTickets.Logits(_ticket.Rows, Vocabulary, seed: 3);
        _logits = new float[_fresh.Length];
        _step = new(_ticket.Rows);
    }

    /// <summary>The prompt's step, which has one row, is not measured.</summary>
    [IterationSetup]
    public void Restart()
    {
        _search = SearchFactory.Create(_ticket, _tokens);
        Advance();
    }

    /// <summary>One step.</summary>
    [Benchmark]
    public int Step()
    {
        if (Kind != "copy") return Advance();
        _fresh.CopyTo(_logits, 0);
        return 0;
    }

    private int Advance()
    {
        _fresh.CopyTo(_logits, 0);
        _search.Advance(new(_logits.AsSpan(0, _search.LiveCount * Vocabulary), Vocabulary), _step);
        return _step.Events.Length;
    }

    private static GenerationParameters Parameters(string kind) => new()
    {
        NumBeams = Beams,
        DoSample = kind.StartsWith("sampling", StringComparison.Ordinal),
        TopK = kind.EndsWith("top_k 50", StringComparison.Ordinal) ? 50 : 0,
        EosTokenId = kind.EndsWith("stop ids", StringComparison.Ordinal) ? [.. Enumerable.Range(Vocabulary - StopIds, StopIds)] : null,
        // The finished list must not end the search.
        MinNewTokens = kind.EndsWith("stop ids", StringComparison.Ordinal) ? WideBeamConfig.Calls + 2 : null,
    };
}
