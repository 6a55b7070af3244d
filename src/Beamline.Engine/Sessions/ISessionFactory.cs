using Beamline.Engine.Memory;

namespace Beamline.Engine.Sessions;

/// <summary>Opens sessions of one model; called again when a session has to be rebuilt.</summary>
public interface ISessionFactory
{
    /// <summary>Opens a session over a pool and buffers that outlive it.</summary>
    /// <exception cref="Beamline.Abstractions.Errors.BeamlineException">The model cannot be loaded.</exception>
    IModelSession Open(KvPool pool, ForwardBuffers buffers);
}
