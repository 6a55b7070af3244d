using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>Runs of each kind of search at once, in the middle of which something happens.</summary>
internal static class DisturbedRuns
{
    public static readonly GenerationParameters Base = new() { MaxNewTokens = 200, EosTokenId = [] };

    private static readonly ImmutableArray<GenerationParameters> Kinds =
    [
        Base,
        Base with { DoSample = true, Seed = 3, NumReturnSequences = 5, Logprobs = 1 },
        Base with { NumBeams = 4, NumReturnSequences = 2 },
    ];

    /// <summary>One of each kind, with fresh ids.</summary>
    public static ImmutableArray<GenerationRequest> NewRequests() => [.. Kinds.Select(values => Requests.Of(values))];

    /// <summary>Runs all at once; when each has put something out, one thing happens.</summary>
    public static async Task<ImmutableArray<List<GenerationUpdate>>> RunAsync(
        TestCluster cluster, ImmutableArray<GenerationRequest> requests, Func<Task>? disturb = null)
    {
        CountdownEvent begun = new(requests.Length);
        TaskCompletionSource allBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<List<GenerationUpdate>>[] runs = [.. requests.Select(request => Task.Run(() => StreamAsync(cluster, request, () =>
        {
            if (begun.Signal()) allBegun.SetResult();
        })))];
        await await Task.WhenAny(allBegun.Task, Task.WhenAll(runs));        // a run that fails before it begins is not waited for
        if (disturb is not null) await disturb();
        return [.. await Task.WhenAll(runs)];
    }

    private static async Task<List<GenerationUpdate>> StreamAsync(TestCluster cluster, GenerationRequest request, Action begun)
    {
        List<GenerationUpdate> updates = [];
        CancellationToken token = TestContext.Current.CancellationToken;
        await foreach (GenerationUpdate update in cluster.Client.StreamAsync(request, cancellationToken: token))
        {
            if (updates.Count == 0) begun();
            updates.Add(update);
        }
        return updates;
    }
}
