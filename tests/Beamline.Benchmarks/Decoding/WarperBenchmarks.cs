using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using BenchmarkDotNet.Attributes;

namespace Beamline.Benchmarks.Decoding;

/// <summary>Each way to cut a distribution off, on one row; <c>top_p</c> is what the others are compared with.</summary>
/// <remarks>Scores are changed in place, so each call needs fresh ones; what the copy costs is a case of its own.</remarks>
[MemoryDiagnoser]
[Config(typeof(OptimisedConfig))]
public class WarperBenchmarks
{
    private static readonly string[] Kinds =
        ["copy", "top_k 50", "top_p 0.95", "min_p 0.05", "typical_p 0.95", "typical_p 0.2", "epsilon_cutoff", "eta_cutoff", "top_h 0.9"];

    private float[] _fresh = [];
    private float[] _scores = [];
    private ILogitsProcessor? _warper;

    /// <summary>Which one.</summary>
    [ParamsSource(nameof(AllKinds))]
    public string Kind { get; set; } = "";

    /// <summary>Length of the row.</summary>
    [Params(4_096, 50_257)]
    public int Vocabulary { get; set; }

    /// <summary>The values of <see cref="Kind"/>.</summary>
    public static IEnumerable<string> AllKinds => Kinds;

    /// <summary>Makes the row and what is put to it.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _fresh = SearchTickets.Logits(rows: 1, Vocabulary, seed: 3);
        _scores = new float[Vocabulary];
        _warper = Create(Kind, new(Vocabulary));
    }

    /// <summary>One row.</summary>
    [Benchmark]
    public float Process()
    {
        _fresh.CopyTo(_scores, 0);
        _warper?.Process([], _scores);
        return _scores[0];
    }

    private static ILogitsProcessor? Create(string kind, DecodingWorkspace workspace) => kind switch
    {
        "copy" => null,
        "top_k 50" => new TopKLogitsWarper(50, 1, workspace),
        "top_p 0.95" => new TopPLogitsWarper(0.95f, 1, workspace),
        "min_p 0.05" => new MinPLogitsWarper(0.05f, 1, workspace),
        "typical_p 0.95" => new TypicalLogitsWarper(0.95f, 1, workspace),
        "typical_p 0.2" => new TypicalLogitsWarper(0.2f, 1, workspace),
        "epsilon_cutoff" => new EpsilonLogitsWarper(0.001f, 1, workspace),
        "eta_cutoff" => new EtaLogitsWarper(0.001f, 1, workspace),
        "top_h 0.9" => new TopHLogitsWarper(0.9f, workspace),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };
}
