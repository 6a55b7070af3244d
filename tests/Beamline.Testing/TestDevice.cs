using System.Diagnostics;

namespace Beamline.Testing;

/// <summary>
/// Which backend the tests' models run on: <c>BEAMLINE_TEST_DEVICE=device</c> puts them onto the one over a device's memory, driven over
/// the processor; without it they run as in service.
/// </summary>
public static class TestDevice
{
    /// <summary>The setting that workers read.</summary>
    public const string Setting = "Beamline:Workers:Backend";

    /// <summary>The backend's name: <c>auto</c> or <c>device</c>.</summary>
    public static string Backend { get; } =
        Environment.GetEnvironmentVariable("BEAMLINE_TEST_DEVICE") is { Length: > 0 } name ? name : "auto";

    /// <summary>Lets a process that is about to start use it.</summary>
    public static void OnTestDevice(this ProcessStartInfo start) =>
        start.Environment[Setting.Replace(":", "__", StringComparison.Ordinal)] = Backend;
}
