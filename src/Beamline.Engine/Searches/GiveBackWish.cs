namespace Beamline.Engine.Searches;

/// <summary>How much of the waiting line is to go where rows are free.</summary>
/// <param name="Rows">Rows of all searches that go, at most.</param>
/// <param name="Widest">Rows of one of them, at most.</param>
internal sealed record GiveBackWish(int Rows, int Widest);
