using System.Globalization;

namespace Beamline.Engine.Backends.Devices;

/// <summary>A device: kind and index, such as <c>cpu:0</c> or <c>cuda:1</c>.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Which one of its kind; 0 to <see cref="MaxIndex"/>.</param>
public readonly record struct DeviceId(DeviceKind Kind, int Index)
{
    /// <summary>The largest index.</summary>
    public const int MaxIndex = 1023;

    /// <summary>Reads a name. One device has one name: <c>cpu:01</c> and <c>CPU:1</c> are none.</summary>
    public static bool TryParse(string name, out DeviceId device)
    {
        device = default;
        foreach (DeviceKind kind in Enum.GetValues<DeviceKind>())
        {
            string prefix = $"{Name(kind)}:";
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            string index = name[prefix.Length..];
            if (!int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number > MaxIndex) return false;
            device = new(kind, number);
            return device.ToString() == name;
        }
        return false;
    }

    /// <summary>The name.</summary>
    public override string ToString() => $"{Name(Kind)}:{Index}";

    private static string Name(DeviceKind kind) => kind == DeviceKind.Cuda ? "cuda" : "cpu";
}
