using Beamline.Engine.Backends;

namespace Beamline.Engine.Batching;

/// <summary>
/// Passes that must succeed on a sound machine: they tell a search's own fault from the machine's. Owned by the engine thread.
/// </summary>
/// <param name="kv">The cache.</param>
/// <param name="passes">Runs the passes.</param>
internal sealed class Probe(IKvCache kv, PassRunner passes)
{
    private static readonly int[] Tokens = [0, 0];

    /// <summary>Runs the smallest pass of a kind, in a sequence of its own.</summary>
    /// <param name="decode">Whether it feeds one token, or computes a prompt.</param>
    /// <returns>Whether it succeeded; null when there is no memory free to try.</returns>
    public bool? TryRun(bool decode)
    {
        int sequence = kv.Open(isBrief: false);
        try
        {
            passes.Pass.Clear();
            if (decode) passes.Pass.Add(sequence, 0, Tokens[0], wantsLogits: true);
            else passes.Pass.Add(sequence, 0, Tokens);
            return passes.TryRun() ? true : null;
        }
        catch (ForwardException)
        {
            return false;
        }
        finally
        {
            kv.Drop(sequence);
        }
    }
}
