namespace Beamline.Engine.Sessions;

/// <summary>The folder of a control group that limits a process' CPU time.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="IsUnified">Whether it is of the second version, with one tree for everything.</param>
internal readonly record struct CgroupFolder(string Path, bool IsUnified)
{
    /// <summary>The process' own groups and those above them, as far as they can be seen from here.</summary>
    public static IEnumerable<CgroupFolder> OfThisProcess(SystemFiles files)
    {
        string[] groups = files.ReadLines("/proc/self/cgroup");
        foreach (string mount in files.ReadLines("/proc/self/mountinfo"))
        {
            // ID PARENT DEVICE ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE SUPER-OPTIONS
            string[] halves = mount.Split(" - ", 2);
            if (halves.Length < 2 || halves[0].Split(' ') is not [_, _, _, var root, var point, ..]) continue;
            string[] kind = halves[1].Split(' ');
            bool isUnified = kind[0] == "cgroup2";
            if (!isUnified && (kind[0] != "cgroup" || !kind[^1].Split(',').Contains("cpu"))) continue;
            foreach (string inner in Below(root, GroupOf(groups, isUnified))) yield return new(point + inner, isUnified);
        }
    }

    /// <summary>The process' group in a tree, from <c>NUMBER:CONTROLLERS:GROUP</c>; the second version names no controllers.</summary>
    private static string GroupOf(string[] groups, bool isUnified)
    {
        foreach (string line in groups)
        {
            if (line.Split(':', 3) is [_, var controllers, var group]
                && (isUnified ? controllers.Length == 0 : controllers.Split(',').Contains("cpu")))
            {
                return group;
            }
        }
        return "/";
    }

    /// <summary>The ways from a mounted folder to a group and to all between them.</summary>
    /// <remarks>A container may see its own group as the root of the mount, while its name is still that outside.</remarks>
    private static IEnumerable<string> Below(string root, string group)
    {
        string prefix = root.TrimEnd('/');
        bool isInside = group == prefix || group.StartsWith(prefix + "/", StringComparison.Ordinal);
        string inner = isInside ? group[prefix.Length..].TrimEnd('/') : "";
        for (; inner.Length > 0; inner = inner[..inner.LastIndexOf('/')]) yield return inner;
        yield return "";
    }
}
