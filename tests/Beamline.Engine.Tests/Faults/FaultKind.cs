namespace Beamline.Engine.Tests.Faults;

/// <summary>What is made to go wrong.</summary>
internal enum FaultKind
{
    /// <summary>A pass fails before it wrote anything.</summary>
    PassBefore,

    /// <summary>A pass fails when it has written garbage behind its sequences.</summary>
    PassAfter,

    /// <summary>A pass fails as all of its kind do for a while.</summary>
    PassInBurst,

    /// <summary>A pass fails because of one of its searches, as it always will.</summary>
    PassPoisoned,

    /// <summary>The session cannot be opened again.</summary>
    ReopenThrows,

    /// <summary>The session is opened again, but the sequences are empty.</summary>
    ReopenEmpties,

    /// <summary>The model cannot be put onto the device.</summary>
    OpenThrows,

    /// <summary>The system refuses the memory of a pass.</summary>
    ReserveThrows,

    /// <summary>There is no room for a pass.</summary>
    ReserveRefused,

    /// <summary>There is no room for a fork.</summary>
    ForkRefused,

    /// <summary>There is no room to follow another sequence.</summary>
    ReforkRefused,

    /// <summary>There is no room to restore a snapshot.</summary>
    RestoreRefused,

    /// <summary>There is no memory for a snapshot.</summary>
    SaveThrows,

    /// <summary>The engine itself fails in a step.</summary>
    Defect,
}
