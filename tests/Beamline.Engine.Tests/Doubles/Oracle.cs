using System.Collections.Immutable;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
using Beamline.Decoding.Search;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>What a search finds when it is driven by hand over the hashes of its histories: no engine, no rows, no KV.</summary>
internal static class Oracle
{
    public static ImmutableArray<FinishedHypothesis> Run(SearchTicket ticket, HashModel model) =>
        Drive(ticket, model, int.MaxValue).GetResults();

    /// <summary>What it finds when it is ended after so many steps.</summary>
    public static ImmutableArray<FinishedHypothesis> RunUntil(SearchTicket ticket, HashModel model, int steps, SearchEndReason reason)
    {
        ISearch search = Drive(ticket, model, steps);
        if (!search.IsDone) search.Stop(reason, new SearchStep(ticket.Rows));
        return search.GetResults();
    }

    /// <summary>The state after so many steps, or after the last one before the end.</summary>
    public static SearchState StateAt(SearchTicket ticket, HashModel model, int steps)
    {
        for (; ; steps--)
        {
            ISearch search = Drive(ticket, model, steps);
            if (!search.IsDone) return search.Save();
        }
    }

    private static ISearch Drive(SearchTicket ticket, HashModel model, int steps)
    {
        ISearch search = SearchFactory.Create(ticket, model);
        SearchStep step = new(ticket.Rows);
        steps -= search.Step;
        float[] logits = new float[ticket.Rows * HashModel.Vocabulary];
        while (!search.IsDone && steps-- > 0)
        {
            for (int live = 0; live < search.LiveCount; live++)
            {
                ulong hash = HashLogits.Begin;
                int[] ids = [.. ticket.PromptIds, .. search.GeneratedIds(live)];
                bool isBeyond = ids.Length > model.Traits.RecomputedBeyond;
                // What a prompt's pass computed: the prompt, or all up to the border and the token that crossed it.
                int prefilled = isBeyond && ticket.PromptIds.Length <= model.Traits.RecomputedBeyond
                    ? model.Traits.RecomputedBeyond!.Value + 1
                    : ticket.PromptIds.Length > 1 ? ticket.PromptIds.Length : 0;
                for (int i = 0; i < ids.Length; i++) hash = HashLogits.Add(hash, HashBackend.Mark(ids[i], i >= prefilled, isBeyond));
                HashLogits.Fill(hash, logits.AsSpan(live * HashModel.Vocabulary, HashModel.Vocabulary));
            }
            search.Advance(new LogitsRows(logits.AsSpan(0, search.LiveCount * HashModel.Vocabulary), HashModel.Vocabulary), step);
        }
        return search;
    }
}
