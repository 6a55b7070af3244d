using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
using Beamline.Decoding.Search;
using BenchmarkDotNet.Attributes;

namespace Beamline.Benchmarks.Decoding;

/// <summary>One whole step of a search: processors, choice, stop conditions, events.</summary>
/// <remarks>Logits are changed in place, so each step needs fresh ones; what the copy costs is a case of its own.</remarks>
[MemoryDiagnoser]
[Config(typeof(OptimisedConfig))]
public class SearchStepBenchmarks
{
    private const int Steps = OptimisedConfig.Invocations;

    private static readonly string[] Kinds =
        ["copy", "greedy", "temperature+top_p", "top_p", "top_k50", "full sampling", "4 beams", "4 beams copy"];

    private readonly NoTokenBytes _tokens = new();
    private float[] _fresh = [];
    private float[] _logits = [];
    private SearchTicket _ticket = null!;
    private ISearch _search = null!;
    private SearchStep _step = null!;

    /// <summary>What is searched.</summary>
    [ParamsSource(nameof(AllKinds))]
    public string Kind { get; set; } = "";

    /// <summary>Length of a row.</summary>
    [Params(4_096, 50_257)]
    public int Vocabulary { get; set; }

    /// <summary>The values of <see cref="Kind"/>.</summary>
    public static IEnumerable<string> AllKinds => Kinds;

    /// <summary>Makes ticket and logits.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _ticket = SearchTickets.Create(Parameters(Kind), Vocabulary, maxNewTokens: Steps + 1);
        _fresh = SearchTickets.Logits(_ticket.Rows, Vocabulary, seed: 3);
        _logits = new float[_fresh.Length];
        _step = new(_ticket.Rows);
    }

    /// <summary>A search has as many steps as an iteration calls.</summary>
    [IterationSetup]
    public void Restart() => _search = SearchFactory.Create(_ticket, _tokens);

    /// <summary>One step.</summary>
    [Benchmark]
    public int Step()
    {
        _fresh.CopyTo(_logits, 0);
        if (Kind.EndsWith("copy", StringComparison.Ordinal)) return 0;
        _search.Advance(new(_logits.AsSpan(0, _search.LiveCount * Vocabulary), Vocabulary), _step);
        return _step.Events.Length;
    }

    private static GenerationParameters Parameters(string kind) => kind switch
    {
        "copy" or "greedy" => new(),
        "temperature+top_p" => new() { DoSample = true, TopK = 0, Temperature = 0.8f, TopP = 0.95f },
        "top_p" => new() { DoSample = true, TopK = 0, TopP = 0.95f },
        "top_k50" => new() { DoSample = true, TopK = 50 },
        "full sampling" => new() { DoSample = true, RepetitionPenalty = 1.1f, Temperature = 0.8f, TopK = 50, TopP = 0.95f },
        "4 beams" or "4 beams copy" => new() { NumBeams = 4 },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };
}
