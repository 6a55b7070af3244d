namespace Beamline.Server.Http.Models;

/// <summary>All models.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">By name.</param>
internal sealed record ModelList(string Object, ModelEntry[] Data);
