namespace Beamline.Grains.Placement;

/// <summary>How much of a waiting line is to move to workers with room.</summary>
/// <param name="Rows">Rows of all searches that move, at most; 0 when none should.</param>
/// <param name="Widest">Rows of one of them, at most: what the emptiest worker has.</param>
internal readonly record struct GiveBack(int Rows, int Widest);
