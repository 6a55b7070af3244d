using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Backends;

namespace Beamline.Cli.Benchmarks;

/// <summary>The grains of a cluster, through the typed client.</summary>
internal sealed class GrainTarget(ICluster cluster, string? model) : IServeTarget
{
    public async Task RunAsync(LoadRequest request, Action<int> tokenCame)
    {
        GenerationRequest generation = new()
        {
            Id = RequestId.New(),
            Model = model,
            Prompts = [new TextPrompt(request.Prompt)],
            Parameters = new()
            {
                MaxNewTokens = request.Tokens,
                EosTokenId = [],
                DoSample = true,
                Temperature = 0.8f,
                TopK = 0,
                TopP = 0.95f,
                Seed = request.Number,
            },
        };
        await foreach (GenerationUpdate update in cluster.Client.StreamAsync(generation))
        {
            if (update is TokenAppended) tokenCame(1);
            else if (update is Failed failed) throw new BeamlineException(failed.Error);
        }
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();
}
