namespace Beamline.Engine.Sessions;

/// <summary>Registers that the operating system keeps for each thread, without which the instructions on them do not work.</summary>
[Flags]
internal enum X64SavedState
{
    /// <summary>Those of AVX.</summary>
    Ymm = 1,

    /// <summary>Those of AVX-512.</summary>
    Zmm = 2,

    /// <summary>Those of AMX.</summary>
    Tiles = 4,
}
