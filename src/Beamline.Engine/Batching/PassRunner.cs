using Beamline.Engine.Backends;

namespace Beamline.Engine.Batching;

/// <summary>Runs passes as transactions: memory is reserved, the pass computed, the tokens committed; or nothing has happened.</summary>
/// <param name="backend">What computes.</param>
/// <param name="watch">What times.</param>
/// <param name="limits">What the backend holds.</param>
internal sealed class PassRunner(IModelBackend backend, PassWatch watch, in BackendLimits limits)
{
    /// <summary>The pass to fill; one is under way at a time.</summary>
    public ForwardPass Pass { get; } = new(limits.Rows, limits.PassTokens);

    /// <summary>Tokens of a pass at most.</summary>
    public int MaxTokens { get; } = limits.PassTokens;

    /// <summary>Passes run so far.</summary>
    public long Passes { get; private set; }

    /// <summary>The logits of the last pass.</summary>
    public Span<float> Logits => backend.Logits.Span;

    /// <summary>Runs the pass.</summary>
    /// <returns>False when there is not enough memory for it; then nothing has happened.</returns>
    /// <exception cref="ForwardException">It failed; nothing has happened.</exception>
    public bool TryRun()
    {
        using IKvReservation? reserved = TryReserve();
        if (reserved is null) return false;
        int promptTokens = 0;
        watch.Begin();
        try
        {
            backend.Run(Pass);
            if (!Pass.IsDecode) promptTokens = Pass.Entries.Length * Pass.Width;
        }
        catch (Exception e)
        {
            throw new ForwardException(e);
        }
        finally
        {
            watch.End(promptTokens);
        }
        reserved.Commit();
        Passes++;
        return true;
    }

    private IKvReservation? TryReserve()
    {
        try
        {
            return backend.Kv.TryReserve(Pass);
        }
        catch (OutOfMemoryException)
        {
            return null;        // the system has less than the budget allows: as if the budget were used up
        }
    }
}
