namespace Beamline.Engine.Backends;

/// <summary>Memory held for one pass. Disposing it without a commit gives it back; afterwards both do nothing.</summary>
public interface IKvReservation : IDisposable
{
    /// <summary>The pass has run: its sequences hold its tokens.</summary>
    void Commit();
}
