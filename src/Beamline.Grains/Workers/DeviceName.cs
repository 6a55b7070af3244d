namespace Beamline.Grains.Workers;

/// <summary>Names of devices: kind and index, such as <c>cpu:0</c>.</summary>
internal static class DeviceName
{
    /// <summary>The largest index.</summary>
    public const int MaxIndex = 1023;

    /// <summary>Whether a name is one of a device that Beamline can drive.</summary>
    public static bool IsValid(string name) =>
        name.StartsWith("cpu:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(4), out int index) && index is >= 0 and <= MaxIndex;
}
