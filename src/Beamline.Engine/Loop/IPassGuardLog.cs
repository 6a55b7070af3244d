using Beamline.Abstractions.Searches;

namespace Beamline.Engine.Loop;

/// <summary>What <see cref="PassGuard"/> tells the log.</summary>
internal interface IPassGuardLog
{
    void PassFailed(Exception failure, string model, int searches);

    void SearchImpossible(Exception failure, SearchId search);

    void ReopenFailed(Exception failure, string model);
}
