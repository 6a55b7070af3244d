using Beamline.Client;

namespace Beamline.Cli.Backends;

/// <summary>A cluster to generate on. Disposing it leaves it.</summary>
internal interface ICluster : IAsyncDisposable
{
    /// <summary>Its client.</summary>
    BeamlineClient Client { get; }
}
