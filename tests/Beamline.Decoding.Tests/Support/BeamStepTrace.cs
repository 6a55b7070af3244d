using System.Text.Json;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Search;

namespace Beamline.Decoding.Tests.Support;

/// <summary>Compares one step of a beam search with the reference's trace of it.</summary>
internal static class BeamStepTrace
{
    public static void Compare(JsonElement golden, SearchState state, SearchStep step)
    {
        string at = $"step {golden.GetProperty("step").GetInt32()}";
        state.Step.ShouldBe(golden.GetProperty("step").GetInt32());
        // The trace shows what would run on; a search that ends has nothing live.
        if (golden.GetProperty("go_on").GetBoolean()) CompareRunning(golden.GetProperty("running"), state, step, at);
        else state.Live.ShouldBeEmpty(at);
        CompareFinished(golden.GetProperty("finished"), state, step, at);
    }

    private static void CompareRunning(JsonElement running, SearchState state, SearchStep step, string at)
    {
        state.Live.Length.ShouldBe(running.GetArrayLength(), at);
        for (int place = 0; place < state.Live.Length; place++)
        {
            state.Live[place].Ids.ShouldBe(running[place].GetProperty("ids").Ids(), at);
            step.Live[place].Parent.ShouldBe(running[place].GetProperty("parent").GetInt32(), at);
            GoldenCase.ShouldBeClose(state.Live[place].Score, running[place].GetProperty("score").Float(), $"{at} running {place}");
        }
    }

    private static void CompareFinished(JsonElement finished, SearchState state, SearchStep step, string at)
    {
        state.Finished.Length.ShouldBe(finished.GetArrayLength(), at);
        int added = 0;
        for (int place = 0; place < state.Finished.Length; place++)
        {
            state.Finished[place].Ids.ShouldBe(finished[place].GetProperty("ids").Ids(), at);
            GoldenCase.ShouldBeClose(state.Finished[place].Score!.Value, finished[place].GetProperty("score").Float(),
                $"{at} finished {place}");
            if (finished[place].GetProperty("new").GetBoolean()) added++;
        }
        (step.Events.Length - step.LiveCount).ShouldBe(added, at);
    }
}
