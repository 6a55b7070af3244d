namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Which sequence lies in which slot, and which blocks of each slot take memory. A slot keeps what it used until the memory is wanted
/// elsewhere: most often the next sequence there needs it again.
/// </summary>
/// <param name="memory">Where the slots are.</param>
/// <param name="blocks">Blocks that may take memory at once.</param>
internal sealed class SlotTable(HostKvMemory memory, int blocks)
{
    private const int Free = -1;
    private readonly int[] _sequence = [.. Enumerable.Repeat(Free, memory.Slots)];
    private readonly int[] _held = new int[memory.Slots];
    private readonly int[] _touched = new int[memory.Slots];

    /// <summary>Blocks that take memory.</summary>
    public int Touched { get; private set; }

    /// <summary>Blocks that sequences hold.</summary>
    public int Held { get; private set; }

    /// <summary>The sequence in a slot; -1 for none.</summary>
    public int SequenceAt(int slot) => _sequence[slot];

    /// <summary>Whether no sequence lies in a slot.</summary>
    public bool IsFree(int slot) => _sequence[slot] == Free;

    /// <summary>Blocks that the sequence in a slot holds.</summary>
    public int HeldAt(int slot) => _held[slot];

    /// <summary>The lowest or the highest free slot; -1 when all are taken.</summary>
    public int FindFree(bool lowest, int from = 0) => lowest
        ? Array.IndexOf(_sequence, Free, from)
        : Array.LastIndexOf(_sequence, Free);

    /// <summary>Puts a sequence into a free slot.</summary>
    public void Take(int slot, int sequence) => _sequence[slot] = sequence;

    /// <summary>Empties a slot; its memory stays until it is wanted.</summary>
    public void Leave(int slot)
    {
        _sequence[slot] = Free;
        Held -= _held[slot];
        _held[slot] = 0;
    }

    /// <summary>Says how many blocks a slot's sequence holds; memory for more of them is there when this returns.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses; nothing has changed.</exception>
    public void Hold(int slot, int count)
    {
        int grow = count - _touched[slot];
        if (grow > 0)
        {
            Trim(Touched + grow - blocks, except: slot);
            memory.Use(slot, _touched[slot], count);
            _touched[slot] = count;
            Touched += grow;
        }
        Held += count - _held[slot];
        _held[slot] = count;
    }

    /// <summary>Moves a sequence with its first positions to a free slot.</summary>
    /// <exception cref="OutOfMemoryException">The system refuses; nothing has changed.</exception>
    public void Move(int from, int to, int length)
    {
        // The memory of both is held for the moment of the copy; nobody else's is needed for longer.
        Hold(to, _held[from]);
        memory.Copy(from, to, 0, length);
        Take(to, _sequence[from]);
        Leave(from);
        Trim(Touched - blocks, except: to);
    }

    /// <summary>Gives back memory that no sequence holds, where it is most.</summary>
    private void Trim(int count, int except)
    {
        while (count > 0)
        {
            int best = -1, most = 0;
            for (int slot = 0; slot < _touched.Length; slot++)
            {
                int spare = _touched[slot] - _held[slot];
                if (slot == except || spare <= most) continue;
                (best, most) = (slot, spare);
            }
            if (best < 0) return;       // a move holds twice what it moves for a moment
            memory.GiveBack(best, _held[best], _touched[best]);
            _touched[best] = _held[best];
            Touched -= most;
            count -= most;
        }
    }
}
