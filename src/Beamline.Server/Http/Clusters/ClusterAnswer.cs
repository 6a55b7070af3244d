namespace Beamline.Server.Http.Clusters;

/// <summary>What the cluster consists of, and how busy it is.</summary>
/// <param name="Object">Always <c>cluster</c>.</param>
/// <param name="Silos">By name; silos that have left stay listed for a while, as <c>dead</c>.</param>
/// <param name="Workers">By id.</param>
internal sealed record ClusterAnswer(string Object, SiloEntry[] Silos, WorkerEntry[] Workers);
