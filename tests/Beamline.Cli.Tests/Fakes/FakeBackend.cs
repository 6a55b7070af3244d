using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Workers;
using Beamline.Cli.Backends;
using Beamline.Client;
using Beamline.Models.Tokenizers;
using NSubstitute;
using Orleans;

namespace Beamline.Cli.Tests.Fakes;

/// <summary>A machine with one model and a cluster of one run.</summary>
internal sealed class FakeBackend : IBackend
{
    public FakeRun Run { get; } = new();

    public string? OpenedModel { get; private set; }

    public int OpenClusters { get; private set; }

    public string[]? ServedSettings { get; private set; }

    public ImmutableArray<ModelDescription> Models { get; init; } =
    [
        new("tales", "gpt2", "fp32", 3_400_000, KvLayout.Uniform(4, 4, 32), 2048, 256, 0, [0], "00ff"),
        new("tales@int8", "gpt2", "int8", 3_400_000, KvLayout.Uniform(4, 4, 32), 2048, 256, 0, [0], "11ff"),
    ];

    public Task<ICluster> OpenClusterAsync(string? model, CancellationToken cancellationToken)
    {
        if (model == "absent") throw new BeamlineException(BeamlineErrorCode.ModelNotFound, "There is no model absent.");
        OpenedModel = model;
        OpenClusters++;
        IGrainFactory grains = Substitute.For<IGrainFactory>();
        grains.GetGrain<ISequenceGrain>(Arg.Any<string>(), Arg.Any<string?>()).Returns(Run);
        return Task.FromResult<ICluster>(new Cluster(this, new BeamlineClient(grains)));
    }

    public IReadOnlyList<ModelDescription> ListModels() => Models;

    public ITokenizer LoadTokenizer(string? model) => new ByteTokenizer();

    public Task<int> ServeAsync(string[] settings, CancellationToken cancellationToken)
    {
        ServedSettings = settings;
        return Task.FromResult(0);
    }

    private sealed class Cluster(FakeBackend owner, BeamlineClient client) : ICluster
    {
        public BeamlineClient Client => client;

        public ValueTask DisposeAsync()
        {
            owner.OpenClusters--;
            return ValueTask.CompletedTask;
        }
    }
}
