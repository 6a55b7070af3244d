namespace Beamline.Engine.Searches;

/// <summary>
/// Searches of one priority that wait for rows. Users take turns: next is who has been served the fewest tokens, among equals who was
/// served least recently; within a user the order is that of arrival. Whoever comes anew starts level with the least served active
/// user, so that neither a long absence nor a long line before others came is an advantage. Owned by the engine thread.
/// </summary>
internal sealed class FairLine
{
    /// <summary>Accounts kept at most beyond those of active users; above that, what absent users were served is forgotten.</summary>
    public const int MaxAbsent = 1024;

    private readonly Dictionary<string, UserAccount> _users = new(StringComparer.Ordinal);
    private long _turn;

    /// <summary>Searches that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a search behind those of its user; one that ran elsewhere before, before those that have not begun.</summary>
    public void Add(EngineSearch search)
    {
        if (!_users.TryGetValue(search.User, out UserAccount? user)) _users[search.User] = user = new UserAccount();
        if (!user.IsActive) user.Service = long.Max(user.Service, LeastService());
        LinkedListNode<EngineSearch>? behind = search.Ticket.RanBefore ? FirstNew(user) : null;
        if (behind is null) user.Waiting.AddLast(search);
        else user.Waiting.AddBefore(behind, search);
        Count++;
    }

    /// <summary>Takes the first search, which counts as served with all that it may take.</summary>
    public EngineSearch Take()
    {
        UserAccount user = _users.Values.Where(user => user.Waiting.Count > 0).MinBy(KeyOf)!;
        EngineSearch search = user.Waiting.First!.Value;
        user.Waiting.RemoveFirst();
        user.Service += search.Tokens;
        user.Promised += search.Tokens;
        user.LastTurn = ++_turn;
        user.Running++;
        Count--;
        return search;
    }

    /// <summary>Puts a search that was taken back before those of its user, as if it had not been.</summary>
    public void Return(EngineSearch search)
    {
        UserAccount user = _users[search.User];
        user.Service -= search.Tokens;
        user.Promised -= search.Tokens;
        user.Running--;
        user.Waiting.AddFirst(search);
        Count++;
    }

    /// <summary>Takes out a search that will not run.</summary>
    public void Remove(EngineSearch search)
    {
        UserAccount user = _users[search.User];
        if (!user.Waiting.Remove(search)) throw new InvalidOperationException($"Search {search.Ticket.Id} does not wait.");
        Count--;
        Tidy(search.User, user);
    }

    /// <summary>A search that was taken has ended: from now on only what it really took counts.</summary>
    public void Settle(EngineSearch search)
    {
        UserAccount user = _users[search.User];
        user.Service += search.ServedTokens - search.Tokens;
        user.Promised -= search.Tokens;
        user.Running--;
        Tidy(search.User, user);
    }

    /// <summary>The searches in no order.</summary>
    public IEnumerable<EngineSearch> All() => _users.Values.SelectMany(user => user.Waiting);

    /// <summary>The searches in the order in which <see cref="Take"/> would give them.</summary>
    public IEnumerable<EngineSearch> InOrder()
    {
        PriorityQueue<(LinkedListNode<EngineSearch> Next, long Service), (long, long, long)> users = new(
            _users.Values.Where(user => user.Waiting.Count > 0).Select(user => ((user.Waiting.First!, user.Service), KeyOf(user))));
        long turn = _turn;
        while (users.TryDequeue(out (LinkedListNode<EngineSearch> Next, long Service) user, out _))
        {
            EngineSearch search = user.Next.Value;
            yield return search;
            if (user.Next.Next is not { } next) continue;
            long service = user.Service + search.Tokens;
            users.Enqueue((next, service), (service, ++turn, next.Value.Arrival));
        }
    }

    private static LinkedListNode<EngineSearch>? FirstNew(UserAccount user)
    {
        LinkedListNode<EngineSearch>? node = user.Waiting.First;
        while (node is { Value: var search } && (search.Ticket.RanBefore || search.Search is not null)) node = node.Next;
        return node;
    }

    private static (long Service, long LastTurn, long Arrival) KeyOf(UserAccount user) =>
        (user.Service, user.LastTurn, user.Waiting.First!.Value.Arrival);

    /// <summary>
    /// What the least served active user has had for certain: whoever starts there is not overtaken when others end early.
    /// </summary>
    private long LeastService()
    {
        long least = long.MaxValue;
        foreach (UserAccount user in _users.Values)
        {
            if (user.IsActive) least = long.Min(least, user.Service - user.Promised);
        }
        return least == long.MaxValue ? 0 : least;
    }

    /// <summary>Forgets users that left, unless they have had more than those who are here and may come back at once.</summary>
    private void Tidy(string name, UserAccount user)
    {
        if (user.IsActive) return;
        bool isNobodyHere = !_users.Values.Any(other => other.IsActive);
        if (isNobodyHere) _users.Clear();       // nobody is kept waiting: whoever comes now is first
        else if (user.Service <= LeastService()) _users.Remove(name);
        else if (_users.Count(entry => !entry.Value.IsActive) > MaxAbsent)
        {
            foreach ((string absent, UserAccount account) in _users.ToArray())
            {
                if (!account.IsActive) _users.Remove(absent);
            }
        }
    }
}
