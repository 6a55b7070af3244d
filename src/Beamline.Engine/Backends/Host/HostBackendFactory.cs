using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Backends.Host;

/// <summary>Puts a model onto the processor.</summary>
/// <param name="loader">Opens its graph.</param>
public sealed class HostBackendFactory(OnnxLoader loader) : IBackendFactory
{
    /// <summary>Threads of a forward pass.</summary>
    public int Threads => loader.Threads;

    /// <inheritdoc/>
    public IModelBackend Open(BackendLimits limits)
    {
        try
        {
            return new HostBackend(loader.Load, loader.Model, limits);
        }
        catch (OutOfMemoryException e)
        {
            KvLayout kv = loader.Model.Kv;
            long bytes = 2 * kv.BytesPerPosition * loader.Model.ContextLength * limits.Rows;
            throw new BeamlineException(BeamlineErrorCode.InvalidConfiguration,
                $"There is no address space for {Counted.Of(limits.Rows, "row")} of KV cache ({bytes >> 20} MiB); "
                    + "lower Beamline:Workers:Engine:Rows.",
                e);
        }
    }
}
