using Beamline.Engine.Backends;
using Beamline.Engine.Configuration;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Opens the hashing model over shared pages.</summary>
internal sealed class PagedFactory(HashModel model, Action<ForwardPass>? beforePass = null) : IBackendFactory
{
    /// <summary>The last that was opened.</summary>
    public PagedBackend? Backend { get; private set; }

    public IModelBackend Open(BackendLimits limits) => Backend = new PagedBackend(model, limits, beforePass);

    public EngineModel ToEngineModel() => model.ToEngineModel() with { Backends = this };
}
