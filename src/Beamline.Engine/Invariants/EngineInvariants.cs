using Beamline.Engine.Searches;

namespace Beamline.Engine.Invariants;

/// <summary>The laws of an engine between two steps.</summary>
internal static class EngineInvariants
{
    /// <summary>All laws that do not hold, each in a sentence.</summary>
    public static List<string> Check(StepView view)
    {
        List<string> broken = [];
        Law(view.UsedBlocks <= view.Blocks, $"sequences hold {view.UsedBlocks} blocks of {view.Blocks}");
        Law(view.UsedBlocks * view.BlockBytes <= view.ResidentBytes, $"what is held is in memory: {view.ResidentBytes} bytes");
        Law(view.ResidentBytes <= view.Blocks * view.BlockBytes, $"KV takes {view.ResidentBytes} bytes of {view.Blocks * view.BlockBytes}");
        Law(view.PrefixBytes <= view.PrefixLimit, $"the cache of prefixes takes {view.PrefixBytes} bytes of {view.PrefixLimit}");
        Law(view.Running.Sum(search => search.RowsHeld) <= view.Rows, $"running searches hold at most {view.Rows} rows");
        Law(view.OpenRows == view.Running.Sum(search => search.Rows.Length), $"every one of the {view.OpenRows} open rows has a search");
        Law(view.Here == view.Running.Length + view.Waiting.Length, $"{view.Here} searches run or wait");
        HashSet<int> sequences = [];
        foreach (SearchView search in view.Running) CheckRunning(search);
        foreach (SearchView search in view.Waiting)
        {
            Law(search.Life is SearchLife.Waiting or SearchLife.Preempted, $"{search.Id} waits but is {search.Life}");
            Law(search.Rows.IsEmpty && search.PromptSequence < 0, $"{search.Id} waits without rows");
        }
        return broken;

        void CheckRunning(SearchView search)
        {
            Law(search.Life is SearchLife.Prefilling or SearchLife.Decoding, $"{search.Id} runs but is {search.Life}");
            Law(search.Rows.Length <= search.MostRows, $"{search.Id} has {search.Rows.Length} rows of {search.MostRows}");
            if (search.Life == SearchLife.Decoding)
            {
                Law(search.Rows.Length == search.Live, $"{search.Id} has {search.Rows.Length} rows for {search.Live} hypotheses");
                Law(search.PromptSequence < 0, $"{search.Id} decodes and has no prompt's sequence");
            }
            else
            {
                Law(search.Rows.IsEmpty, $"{search.Id} prefills without rows");
                Law(search.PromptLength == search.PromptDone, $"{search.Id} holds {search.PromptLength} of {search.PromptDone} positions");
            }
            if (search.PromptSequence >= 0) Law(sequences.Add(search.PromptSequence), $"sequence {search.PromptSequence} has one owner");
            foreach (RowView row in search.Rows)
            {
                Law(sequences.Add(row.Sequence), $"sequence {row.Sequence} has one owner");
                Law(row.Known == search.Known, $"a row of {search.Id} knows {row.Known} of {search.Known} tokens");
                Law(row.Length < row.Known, $"a row of {search.Id} holds {row.Length} of {row.Known} tokens");
            }
        }

        void Law(bool holds, string law)
        {
            if (!holds) broken.Add(law);
        }
    }
}
