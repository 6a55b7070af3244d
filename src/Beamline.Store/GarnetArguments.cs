namespace Beamline.Store;

/// <summary>Garnet's command line. Each flag takes a value.</summary>
internal static class GarnetArguments
{
    /// <summary>The arguments of a store.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="port">A port that is free.</param>
    /// <param name="folder">Where it writes.</param>
    public static string[] Of(StoreSettings settings, int port, string folder)
    {
        string log = $"{settings.LogMegabytes}m";
        return
        [
            "--bind", settings.Address,
            "--port", $"{port}",
            // Orleans' providers run Lua scripts.
            "--lua", "true",
            // The default needs libaio; without it the process aborts at its first write.
            "--device-type", "RandomAccess",
            // The default is 16 GB.
            "--memory", $"{settings.MemoryMegabytes}m",
            "--page", "4m",
            "--index", $"{settings.IndexMegabytes}m",
            "--checkpointdir", folder,
            // Each write is in the log before it is acknowledged; without both limits the log grows without bound.
            "--aof", "true",
            "--aof-commit-freq", "0",
            "--aof-size-limit", log,
            "--aof-segment-size", log,
            "--recover", "true",
            "-q", "true",
        ];
    }
}
