namespace Beamline.Engine.Sessions;

/// <summary>Counts cores that do not share an arithmetic unit.</summary>
internal static class PhysicalCores
{
    /// <summary>Physical cores this process may use; 1 or more.</summary>
    public static int Count { get; } = int.Max(1, HasSmt() ? Environment.ProcessorCount / 2 : Environment.ProcessorCount);

    private static bool HasSmt()
    {
        const string file = "/sys/devices/system/cpu/smt/active";
        try
        {
            return File.Exists(file) && File.ReadAllText(file).Trim() == "1";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
