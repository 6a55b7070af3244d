using Beamline.Abstractions.Workers;
using Beamline.Decoding.Stopping;
using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;
using Beamline.Engine.Invariants;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>
/// A model without weights over the KV of the host backend; passes, openings and memory may be made to fail or to wait.
/// </summary>
internal sealed class HashModel(Action<ForwardPass>? beforePass = null) : IBackendFactory, ITokenBytes
{
    public const int Vocabulary = 37;
    public const int Context = 96;

    /// <summary>Bytes of a block: 16 positions.</summary>
    public const long BlockBytes = 16 * 3 * 2 * 2 * 64 * 4;

    private readonly byte[][] _bytes = [.. Enumerable.Range(0, Vocabulary).Select(id => (byte[])[(byte)('A' + id)])];

    public static ModelDescription Description { get; } =
        new("hash", "hash", "fp32", 0, KvLayout.Uniform(3, 2, 64), Vocabulary, Context, 0, [], "");

    /// <summary>What is declared of the model.</summary>
    public ModelTraits Traits { get; init; } = ModelTraits.Plain;

    /// <summary>Which prompts stand side by side.</summary>
    public PromptBatching Batching { get; init; } = PromptBatching.FromStart;

    /// <summary>Called before the model is opened, or opened again; throws to refuse.</summary>
    public Action? BeforeOpen { get; init; }

    /// <summary>Wraps what is opened.</summary>
    public Func<IModelBackend, IModelBackend>? Wrap { get; init; }

    public int Opened { get; set; }

    public ReadOnlySpan<byte> this[int id] => _bytes[id];

    public IModelBackend Open(BackendLimits limits)
    {
        BeforeOpen?.Invoke();
        Opened++;
        HashBackend backend = new(this, limits, beforePass);
        return Wrap?.Invoke(backend) ?? backend;
    }

    /// <summary>The engine's laws are checked after each step: a broken one is a defect, which ends what runs as lost.</summary>
    public EngineModel ToEngineModel() => new(Description with { Traits = Traits }, this, this) { AfterStep = Enforce };

    public static void Enforce(StepView view)
    {
        List<string> broken = EngineInvariants.Check(view);
        if (broken.Count > 0) throw new InvalidOperationException(string.Join("; ", broken));
    }
}
