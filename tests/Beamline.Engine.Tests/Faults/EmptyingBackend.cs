using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Faults;

/// <summary>A backend that loses what its sequences hold when it is opened again.</summary>
internal sealed class EmptyingBackend(IModelBackend inner) : IModelBackend
{
    private readonly FaultyKv _kv = new(inner.Kv, new FaultPlan(new Random(0)) { IsOn = false });

    public IKvCache Kv => _kv;

    public PromptBatching PromptBatching => inner.PromptBatching;

    public int PassOverheadTokens => inner.PassOverheadTokens;

    public Memory<float> Logits => inner.Logits;

    public void Run(ForwardPass pass) => inner.Run(pass);

    public bool Reopen()
    {
        inner.Reopen();
        _kv.Empty();
        return false;
    }

    public void Dispose() => inner.Dispose();
}
