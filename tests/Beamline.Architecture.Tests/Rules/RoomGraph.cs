using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>Which rooms of a project, which are its namespaces, use which, and where they do it in a circle.</summary>
/// <remarks>
/// By the text alone. What a file uses without naming it, such as the type of a value between two calls, it has from a room that names
/// it, so a circle shows on that way. Only methods of extension work without any name of their type, and are looked for by their own.
/// </remarks>
internal sealed class RoomGraph
{
    private readonly RoomFile[] _files;
    private readonly HashSet<string> _rooms;
    private readonly HashSet<string> _globalUsings;
    private readonly ILookup<string, string> _roomsOfType;
    private readonly ILookup<string, string> _roomsOfExtension;

    // From a room to a room, and one place that shows it.
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _uses = new(StringComparer.Ordinal);

    /// <summary>Reads the rooms of one project.</summary>
    public RoomGraph(IEnumerable<SourceFile> code)
    {
        _files = [.. code.Select(file => new RoomFile(file))];
        _rooms = [.. _files.Select(file => file.Room).Where(room => room.Length > 0)];
        _globalUsings = [.. _files.SelectMany(file => file.GlobalUsings)];
        _roomsOfType = RoomsBy(file => file.Types);
        _roomsOfExtension = RoomsBy(file => file.Extensions);
        foreach (RoomFile file in _files) AddUses(file);
    }

    /// <summary>Each set of rooms that reach each other, as one line with the places that tie them.</summary>
    public IEnumerable<string> Circles()
    {
        HashSet<string> told = [];
        foreach (string room in _uses.Keys)
        {
            string[] circle = [.. ReachedFrom(room).Where(other => ReachedFrom(other).Contains(room)).Order(StringComparer.Ordinal)];
            if (circle.Length == 0 || !told.Add(circle[0])) continue;
            var ties = circle.SelectMany(from => _uses[from].Where(use => circle.Contains(use.Key)).Select(use =>
                $"{from} uses {use.Key} ({use.Value})"));
            yield return string.Join("; ", ties);
        }
    }

    private ILookup<string, string> RoomsBy(Func<RoomFile, string[]> names) => _files
        .SelectMany(file => names(file).Select(name => (Name: name, file.Room))).Distinct().ToLookup(pair => pair.Name, pair => pair.Room);

    private HashSet<string> ReachedFrom(string room)
    {
        HashSet<string> reached = [];
        Stack<string> waiting = new([room]);
        while (waiting.TryPop(out string? from))
        {
            if (!_uses.TryGetValue(from, out SortedDictionary<string, string>? uses)) continue;
            foreach (string to in uses.Keys.Where(reached.Add)) waiting.Push(to);
        }
        return reached;
    }

    private void AddUses(RoomFile file)
    {
        if (file.Room.Length == 0) return;
        // Without any using, a file sees what is around its room; and that hides what its usings bring.
        string[] around = [.. Around(file.Room)];
        foreach (string room in file.Usings.Where(_rooms.Contains)) Add(file, room, "using");
        foreach (string name in file.Names)
        {
            string[] parts = name.Split('.');
            foreach (string room in RoomsOf(parts, around, file.Usings)) Add(file, room, name);
        }
        foreach (string call in file.Calls)
        {
            foreach (string room in _roomsOfExtension[call].Where(around.Contains)) Add(file, room, call);
        }
    }

    private IEnumerable<string> RoomsOf(string[] parts, string[] around, string[] usings)
    {
        if (around.FirstOrDefault(room => _roomsOfType[parts[0]].Contains(room)) is { } nearest) return [nearest];
        string[] brought = [.. _roomsOfType[parts[0]].Where(room => usings.Contains(room) || _globalUsings.Contains(room))];
        return brought.Length > 0 ? brought : QualifiedRoomsOf(parts, around);
    }

    // A name may begin at any room around, or at none.
    private IEnumerable<string> QualifiedRoomsOf(string[] parts, string[] around)
    {
        for (int length = 1; length < parts.Length; length++)
        {
            string path = string.Join('.', parts.Take(length));
            foreach (string room in around.Select(outer => $"{outer}.{path}").Append(path))
            {
                if (_roomsOfType[parts[length]].Contains(room)) yield return room;
            }
        }
    }

    private void Add(RoomFile file, string room, string sign)
    {
        if (room == file.Room) return;
        if (!_uses.TryGetValue(file.Room, out SortedDictionary<string, string>? uses))
        {
            _uses[file.Room] = uses = new(StringComparer.Ordinal);
        }
        uses.TryAdd(room, $"{file.Name}: {sign}");
    }

    // The room itself first, then outwards.
    private static IEnumerable<string> Around(string room)
    {
        for (string? outer = room; outer is not null; outer = outer.LastIndexOf('.') is var dot and > 0 ? outer[..dot] : null)
        {
            yield return outer;
        }
    }
}
