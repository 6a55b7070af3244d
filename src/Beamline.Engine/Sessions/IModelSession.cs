namespace Beamline.Engine.Sessions;

/// <summary>Runs forward passes of one model over the rows of a KV pool. One thread at a time.</summary>
public interface IModelSession : IDisposable
{
    /// <summary>
    /// One forward pass over consecutive rows: reads <see cref="ForwardBuffers"/>, extends the rows' KV by
    /// <see cref="ForwardShape.Tokens"/> positions and writes one row of logits an entry of <see cref="ForwardBuffers.LogitsIndex"/>.
    /// </summary>
    /// <exception cref="Exception">The pass failed; KV beyond the former lengths is undefined, everything else is as before.</exception>
    void Run(in ForwardShape shape);
}
