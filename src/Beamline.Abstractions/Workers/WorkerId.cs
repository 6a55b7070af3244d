namespace Beamline.Abstractions.Workers;

/// <summary>Names a worker: the silo's name and the device it owns there.</summary>
/// <param name="Host">The silo's name, unique in the cluster; no slash.</param>
/// <param name="Device">The device, such as <c>cpu:0</c> or <c>cuda:1</c>.</param>
[GenerateSerializer, Immutable, Alias("Beamline.WorkerId")]
public readonly record struct WorkerId([property: Id(0)] string Host, [property: Id(1)] string Device)
{
    /// <summary>The grain key: <c>host/device</c>.</summary>
    public override string ToString() => $"{Host}/{Device}";

    /// <summary>Reads a grain key back.</summary>
    /// <exception cref="FormatException">It is not of the form <c>host/device</c>.</exception>
    public static WorkerId Parse(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 ? new(key[..slash], key[(slash + 1)..]) : throw new FormatException($"'{key}' is not of the form host/device.");
    }
}
