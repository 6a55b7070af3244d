using Beamline.Engine.Backends;
using Beamline.Engine.Searches;

namespace Beamline.Engine.Batching;

/// <summary>Feeds every row of searches its next token and lets the searches choose what follows. Owned by the engine thread.</summary>
/// <param name="kv">The cache.</param>
/// <param name="passes">Runs the passes.</param>
/// <param name="rows">The rows.</param>
/// <param name="chooser">Takes the searches' steps.</param>
/// <param name="vocabularySize">Length of a row of logits.</param>
/// <param name="border">The length beyond which everything is computed again; null for none.</param>
internal sealed class DecodeRunner(IKvCache kv, PassRunner passes, RowPool rows, Chooser chooser, int vocabularySize, int? border)
{
    /// <summary>Tokens fed again after a preemption or a move.</summary>
    public long ReplayedTokens { get; private set; }

    /// <summary>Whether a search has come to the border: its next token needs everything before it computed again.</summary>
    public bool IsAtBorder(EngineSearch search) => border is { } length && kv.Length(search.Rows[0].Sequence) == length;

    /// <summary>One pass over all rows of some searches.</summary>
    /// <param name="searches">They decode; none of them is at the border.</param>
    /// <returns>False when there is no memory for it; then nothing has happened.</returns>
    /// <exception cref="ForwardException">The pass failed; nothing has happened.</exception>
    public bool TryRun(ReadOnlySpan<EngineSearch> searches)
    {
        ForwardPass pass = passes.Pass;
        pass.Clear();
        int replayed = 0;
        foreach (EngineSearch search in searches)
        {
            bool replays = rows.Replays(search.Rows[0]);
            search.LogitsRow = replays ? -1 : pass.LogitsRows;
            if (replays) replayed += search.RowCount;
            for (int i = 0; i < search.RowCount; i++)
            {
                BatchRow row = search.Rows[i];
                int length = kv.Length(row.Sequence);
                pass.Add(row.Sequence, length, row.Known[length], wantsLogits: !replays);
            }
        }
        if (!passes.TryRun()) return false;
        ReplayedTokens += replayed;
        foreach (EngineSearch search in searches)
        {
            if (search.LogitsRow < 0) continue;
            chooser.Advance(search, passes.Logits.Slice(search.LogitsRow * vocabularySize, search.RowCount * vocabularySize));
        }
        return true;
    }

    /// <summary>
    /// Computes a search's rows again, each as one prompt of all it knows up to the border and the token after it, and takes its step with
    /// what follows.
    /// </summary>
    /// <returns>False when there is no memory for it; the search cannot go on with the rows it has.</returns>
    /// <exception cref="ForwardException">A pass failed; the search cannot go on with the rows it has.</exception>
    public bool TryRecompute(EngineSearch search)
    {
        int length = border!.Value + 1;
        bool replays = search.Rows[0].KnownCount > length;
        // Each row's pass overwrites the logits of the one before.
        float[] logits = new float[search.RowCount * vocabularySize];
        for (int i = 0; i < search.RowCount; i++)
        {
            BatchRow row = search.Rows[i];
            kv.Truncate(row.Sequence, 0);
            passes.Pass.Clear();
            passes.Pass.Add(row.Sequence, 0, row.Known[..length]);
            if (!passes.TryRun()) return false;
            row.Prefilled = length;
            passes.Logits[..vocabularySize].CopyTo(logits.AsSpan(i * vocabularySize));
            search.PrefilledTokens += length;
        }
        if (!replays) chooser.Advance(search, logits);
        return true;
    }
}
