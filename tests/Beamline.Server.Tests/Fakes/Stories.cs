using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;

namespace Beamline.Server.Tests.Fakes;

/// <summary>Runs to tell.</summary>
internal static class Stories
{
    /// <summary>
    /// Three tokens a sequence, token by token; sequence s of prompt p says <c>p.s-0 p.s-1 p.s-2</c>, one with three beams at its
    /// end.
    /// </summary>
    public static ImmutableArray<GenerationUpdate> Whole(GenerationRequest request)
    {
        int sequences = request.Parameters.NumReturnSequences ?? 1;
        bool isBeam = request.Parameters.NumBeams > 1;
        List<GenerationUpdate> story = [];
        List<Hypothesis> hypotheses = [];
        for (int prompt = 0; prompt < request.Prompts.Length; prompt++)
        {
            for (int sequence = 0; sequence < sequences; sequence++)
            {
                TokenLogprobs[] logprobs = [.. Enumerable.Range(0, 3).Select(step => LogprobsOf(request, sequence, step))];
                string[] texts = [.. Enumerable.Range(0, 3).Select(step => $"{prompt}.{sequence}-{step} ")];
                FinishReason reason = sequence == 0 ? FinishReason.Eos : FinishReason.Length;
                hypotheses.Add(new(
                    prompt, sequence, string.Concat(texts), [0, 1, 2], isBeam ? -0.5f - sequence : null,
                    reason, request.Parameters.Logprobs is null ? [] : [.. logprobs]));
                if (isBeam) continue;
                // The last text is held back, as when a stop string may be on its way.
                for (int step = 0; step < 3; step++)
                {
                    TokenLogprobs? own = request.Parameters.Logprobs is null ? null : logprobs[step];
                    story.Add(new TokenAppended(story.Count, prompt, sequence, step, step == 2 ? "" : texts[step], own));
                }
                story.Add(new BranchFinished(story.Count, prompt, sequence, reason, texts[2]));
            }
        }
        Usage usage = new(5 * request.Prompts.Length, 3 * hypotheses.Count, 2);
        story.Add(new Completed(story.Count, new(request.Id, "tales", [.. hypotheses], usage, ["temperature has no effect"], 7)));
        return [.. story];
    }

    /// <summary>A token, then the end of the machine.</summary>
    public static ImmutableArray<GenerationUpdate> Broken(GenerationRequest request) =>
        [Whole(request)[0], new Failed(1, BeamlineError.Of(BeamlineErrorCode.WorkerLost, "Workers were lost."))];

    // Later sequences are likelier.
    private static TokenLogprobs LogprobsOf(GenerationRequest request, int sequence, int step)
    {
        float own = -4f + sequence;
        IEnumerable<int> ranks = Enumerable.Range(0, request.Parameters.Logprobs ?? 0);
        ImmutableArray<TokenLogprob> top = [.. ranks.Select(rank => new TokenLogprob(rank, -rank))];
        return new(step, own, own, top, top);
    }
}
