namespace Beamline.Engine.Backends;

/// <summary>
/// Keys and values of token sequences on a device, counted in tokens and, where memory is counted, in blocks of them. Sequences are
/// named by small numbers; whether each lies in one piece or in pages that several share is the backend's affair. Owned by one thread.
/// </summary>
/// <remarks>
/// A sequence grows by a transaction: reserve the memory of a pass, run it, commit. What is not committed goes back by itself.
/// </remarks>
public interface IKvCache
{
    /// <summary>Tokens a block holds.</summary>
    int BlockTokens { get; }

    /// <summary>Bytes of a block.</summary>
    long BlockBytes { get; }

    /// <summary>Blocks there are; 1 or more.</summary>
    int Blocks { get; }

    /// <summary>Blocks that open sequences hold.</summary>
    int UsedBlocks { get; }

    /// <summary>Bytes of the device's memory that keys and values take now, whether or not a sequence holds them.</summary>
    long ResidentBytes { get; }

    /// <summary>Positions copied so far by forks and moves, snapshots and restores, for the record.</summary>
    long CopiedPositions { get; }

    /// <summary>Blocks that sequences of one search take at most.</summary>
    /// <param name="sequences">How many.</param>
    /// <param name="shared">Positions that all of them begin with.</param>
    /// <param name="length">Positions of each.</param>
    int Cost(int sequences, int shared, int length);

    /// <summary>Opens an empty sequence.</summary>
    /// <param name="isBrief">Whether the next pass makes it a row that decodes; else it may stand aside for a while.</param>
    /// <exception cref="InvalidOperationException">All are open.</exception>
    int Open(bool isBrief);

    /// <summary>Positions that a sequence holds.</summary>
    int Length(int sequence);

    /// <summary>Takes the memory that a pass needs.</summary>
    /// <returns>Null when there is not enough; then nothing has changed.</returns>
    /// <exception cref="OutOfMemoryException">The system refuses what the budget allows; nothing has changed.</exception>
    IKvReservation? TryReserve(ForwardPass pass);

    /// <summary>Forgets positions from a length on.</summary>
    void Truncate(int sequence, int length);

    /// <summary>Opens a sequence that holds what another holds.</summary>
    /// <returns>The new one; null when there is not enough memory.</returns>
    int? TryFork(int source);

    /// <summary>Makes a sequence hold what another holds.</summary>
    /// <param name="source">The one to follow.</param>
    /// <param name="target">The one to change.</param>
    /// <param name="common">Leading positions that are the same in both already.</param>
    /// <returns>False when there is not enough memory; then nothing has changed.</returns>
    bool TryRefork(int source, int target, int common);

    /// <summary>Closes a sequence.</summary>
    void Drop(int sequence);

    /// <summary>Copies positions out, into memory of the host.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="from">The first position.</param>
    /// <param name="count">Positions; 1 or more.</param>
    /// <exception cref="OutOfMemoryException">There is no memory for it.</exception>
    KvSnapshot Save(int sequence, int from, int count);

    /// <summary>Appends the first positions of a snapshot to a sequence.</summary>
    /// <param name="snapshot">Made by a cache of the same layout, from the position at which the sequence ends.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="count">Positions; at most those of the snapshot.</param>
    /// <returns>False when there is not enough memory; then nothing has changed.</returns>
    bool TryRestore(KvSnapshot snapshot, int sequence, int count);
}
