using System.Net;
using System.Numerics;
using Beamline.ServiceDefaults.Settings;

namespace Beamline.Store;

/// <summary>Rules of <see cref="StoreSettings"/> that are not a range of one number.</summary>
internal static class StoreRules
{
    /// <summary>Everything that is wrong.</summary>
    public static IEnumerable<SettingFault> FindFaults(StoreSettings settings)
    {
        if (!IPAddress.TryParse(settings.Address, out _))
        {
            yield return SettingFault.NotAllowed(Name(nameof(settings.Address)), settings.Address, "an IP address of this machine");
        }
        foreach ((string property, int value) in new[]
        {
            (nameof(settings.IndexMegabytes), settings.IndexMegabytes), (nameof(settings.LogMegabytes), settings.LogMegabytes),
        })
        {
            if (!BitOperations.IsPow2(value)) yield return SettingFault.NotAllowed(Name(property), value, "a power of 2");
        }
        if (settings.DataFolder is { } folder && File.Exists(folder))
        {
            yield return SettingFault.NotAllowed(Name(nameof(settings.DataFolder)), folder, "a folder, not a file");
        }
    }

    private static string Name(string property) => $"{StoreSettings.Section}:{property}";
}
