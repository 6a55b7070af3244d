using Beamline.Abstractions.Errors;
using Beamline.Client;
using Beamline.Models.Catalogue;
using Beamline.Testing;

namespace Beamline.Grains.Tests.Clusters;

/// <summary>One silo that serves SmolLM2 from its GGUF file, where the file is at hand and can be read.</summary>
public sealed class SmolLmCluster : IAsyncLifetime
{
    public static readonly string Model = Path.GetFullPath(Path.Combine(
        Repository.Root, "..", "shared", "models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf"));

    private TestCluster? _cluster;

    /// <summary>Why there is no cluster; null when there is one.</summary>
    public string? Missing { get; private set; }

    public BeamlineClient Client => _cluster!.Client;

    public async ValueTask InitializeAsync()
    {
        try
        {
            if (!File.Exists(Model)) Missing = "the SmolLM2 file is not at hand";
            else new ModelCatalogue(new()).Describe(Model);
        }
        catch (BeamlineException e)
        {
            Missing = $"the SmolLM2 file cannot be loaded yet: {e.Message}";
        }
        if (Missing is null) _cluster = await TestCluster.StartAsync(1, _ => [("Workers:Models:0", Model)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
