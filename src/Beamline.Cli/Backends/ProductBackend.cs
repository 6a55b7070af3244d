using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Tokenizers;

namespace Beamline.Cli.Backends;

/// <summary>The real thing: a silo in this process, the models of this machine.</summary>
internal sealed class ProductBackend : IBackend
{
    private static BeamlineException Absent => new(BeamlineErrorCode.NoWorker, "This build holds no worker.");

    /// <inheritdoc/>
    public Task<ICluster> OpenClusterAsync(string? model, CancellationToken cancellationToken) => throw Absent;

    /// <inheritdoc/>
    public IReadOnlyList<ModelDescription> ListModels() => throw Absent;

    /// <inheritdoc/>
    public ITokenizer LoadTokenizer(string? model) => throw Absent;

    /// <inheritdoc/>
    public Task<int> ServeAsync(string[] settings, CancellationToken cancellationToken) => throw Absent;
}
