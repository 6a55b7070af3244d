using Beamline.Abstractions.Errors;

namespace Beamline.Engine.Backends;

/// <summary>Puts a model onto a device.</summary>
public interface IBackendFactory
{
    /// <summary>Loads the model.</summary>
    /// <exception cref="BeamlineException">It cannot be loaded, or there is no memory for its KV cache.</exception>
    IModelBackend Open(BackendLimits limits);
}
