using Beamline.Abstractions.Workers;
using Beamline.Engine.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Backends.Host;

/// <summary>A model on the processor: ONNX Runtime over buffers in the host's memory, which it extends in place.</summary>
public sealed class HostBackend : IModelBackend
{
    private readonly Func<InferenceSession> _load;
    private readonly ModelDescription _model;
    private readonly HostKvCache _kv;
    private readonly HostInputs _inputs;
    private readonly bool _ownsSession;
    private HostSession? _session;

    internal HostBackend(Func<InferenceSession> load, ModelDescription model, BackendLimits limits, bool ownsSession = true)
    {
        _load = load;
        _model = model;
        _ownsSession = ownsSession;
        _inputs = new HostInputs(limits.Rows, limits.PassTokens, model.VocabularySize);
        _kv = new HostKvCache(model.Kv, model.ContextLength, limits.Rows, limits.KvBytes);
        try
        {
            Open();
        }
        catch
        {
            _kv.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IKvCache Kv => _kv;

    /// <inheritdoc/>
    public PromptBatching PromptBatching => PromptBatching.FromStart;

    /// <inheritdoc/>
    /// <remarks>
    /// Measured on two cores: 9 for a model of 3 M weights in fp32, 7 for one of 124 M in int8; more cores make tokens cheaper.
    /// </remarks>
    public int PassOverheadTokens => 16;

    /// <inheritdoc/>
    public Memory<float> Logits => _inputs.Logits;

    /// <summary>Another cache and other buffers over the same weights in memory; to be disposed before this one.</summary>
    public HostBackend Share(BackendLimits limits)
    {
        InferenceSession session = Session.Session;
        return new(() => session, _model, limits, ownsSession: false);
    }

    /// <inheritdoc/>
    public void Run(ForwardPass pass) => Session.Run(_inputs.Write(pass, _kv));

    /// <inheritdoc/>
    public bool Reopen()
    {
        // The old one first: there may not be memory for two.
        _session?.Dispose();
        _session = null;
        Open();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session?.Dispose();
        _session = null;
        _kv.Dispose();
    }

    private HostSession Session => _session ?? throw new InvalidOperationException("The session is not open.");

    private void Open()
    {
        InferenceSession session = _load();
        _session = new HostSession(session, _kv.Memory, _inputs, _ownsSession);
        if (_model.Parameters >= OnnxLoader.TinyParameters) HugePages.Collapse();
    }
}
