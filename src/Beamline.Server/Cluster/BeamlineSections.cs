using Beamline.Grains.Durability;
using Beamline.Grains.Sequences;
using Beamline.Grains.Workers;
using Beamline.Models.Catalogue;
using Beamline.Server.Administration;
using Beamline.Server.Cluster.Settings;
using Beamline.Server.Limits;

namespace Beamline.Server.Cluster;

/// <summary>
/// All sections below <c>Beamline</c>. A name that is not here, or not in one of these classes, is a typing error and stops the
/// start.
/// </summary>
internal sealed class BeamlineSections
{
    /// <summary>The section above all.</summary>
    public const string Root = "Beamline";

    /// <summary>How the process takes part in a cluster.</summary>
    public ClusterSettings? Cluster { get; set; }

    /// <summary>What one request may ask for.</summary>
    public LimitSettings? Limits { get; set; }

    /// <summary>Whose requests may change what the cluster serves.</summary>
    public AdministrationSettings? Administration { get; set; }

    /// <summary>The devices of the silo and what they serve.</summary>
    public WorkerOptions? Workers { get; set; }

    /// <summary>How runs are kept and moved.</summary>
    public SequenceOptions? Sequences { get; set; }

    /// <summary>How durable requests are stored and started again.</summary>
    public DurableOptions? Durable { get; set; }

    /// <summary>Where models are looked for and kept.</summary>
    public ModelCatalogueOptions? Cache { get; set; }
}
