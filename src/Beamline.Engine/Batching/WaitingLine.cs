using Beamline.Engine.Planning;

namespace Beamline.Engine.Batching;

/// <summary>Searches that wait for rows: interactive before batch, within that in order of arrival. Owned by the engine thread.</summary>
internal sealed class WaitingLine
{
    private readonly List<EngineSearch> _searches = [];

    public int Count => _searches.Count;

    public EngineSearch this[int place] => _searches[place];

    public long Tokens { get; private set; }

    public void Add(EngineSearch search)
    {
        int place = _searches.Count;
        while (place > 0 && IsBefore(search, _searches[place - 1])) place--;
        _searches.Insert(place, search);
        Tokens += search.Tokens;
    }

    public void RemoveAt(int place)
    {
        Tokens -= _searches[place].Tokens;
        _searches.RemoveAt(place);
    }

    /// <summary>The front of the line as the planner sees it.</summary>
    /// <returns>How many were written.</returns>
    public int CopyFront(Span<PlannedSearch> planned)
    {
        int count = int.Min(planned.Length, _searches.Count);
        for (int i = 0; i < count; i++) planned[i] = _searches[i].ToPlanned();
        return count;
    }

    private static bool IsBefore(EngineSearch one, EngineSearch other) => one.Ticket.Priority != other.Ticket.Priority
        ? one.Ticket.Priority < other.Ticket.Priority
        : one.Arrival < other.Arrival;
}
