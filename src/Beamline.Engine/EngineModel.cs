using Beamline.Abstractions.Workers;
using Beamline.Decoding.Stopping;
using Beamline.Engine.Sessions;

namespace Beamline.Engine;

/// <summary>What an engine needs of a model.</summary>
/// <param name="Description">Sizes and names.</param>
/// <param name="Sessions">Opens its sessions.</param>
/// <param name="TokenBytes">What its tokens add to a text, for stop strings.</param>
public sealed record EngineModel(ModelDescription Description, ISessionFactory Sessions, ITokenBytes TokenBytes);
