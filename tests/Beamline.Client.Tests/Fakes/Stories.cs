using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;

namespace Beamline.Client.Tests.Fakes;

/// <summary>Requests and runs to tell.</summary>
internal static class Stories
{
    public static readonly GenerationRequest Request = new() { Id = new("run-1"), Prompts = [new TextPrompt("Once")] };

    public static readonly GenerationResult Result = new(
        Request.Id, "tales", [new Hypothesis(0, 0, "0123", [0, 1, 2, 3], null, FinishReason.Length, [])], new Usage(1, 4, 0), [], 7);

    /// <summary>Four tokens, the branch's end, the result: positions 0 to 5.</summary>
    public static readonly ImmutableArray<GenerationUpdate> Whole =
    [
        .. Enumerable.Range(0, 4).Select(token => new TokenAppended(token, 0, 0, token, $"{token}", null)),
        new BranchFinished(4, 0, 0, FinishReason.Length, ""),
        new Completed(5, Result),
    ];

    /// <summary>One token, then a failure of the cluster's own.</summary>
    public static readonly ImmutableArray<GenerationUpdate> Broken =
        [Whole[0], new Failed(1, BeamlineError.Of(BeamlineErrorCode.WorkerLost, "Workers were lost."))];
}
