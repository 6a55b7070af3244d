using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>A backend whose KV says which tokens it was computed from.</summary>
internal interface IHashBackend : IModelBackend
{
    /// <summary>The token at a position that a sequence holds.</summary>
    int TokenAt(int sequence, int position);
}
