using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Sessions;

/// <summary>The process' one ONNX Runtime environment, with its telemetry off. Everything that needs the runtime starts here.</summary>
/// <remarks>
/// The official builds since 1.29 send usage data and keep a device id and a database in the user's cache folder. Their own switch in
/// the API comes too late: by then the first event and the files exist. What prevents both is this variable, set before the runtime starts.
/// </remarks>
internal static partial class OnnxEnvironment
{
    private const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>The environment.</summary>
    public static OrtEnv Instance { get; } = Start();

    private static OrtEnv Start()
    {
        // On Windows this reaches the native side; elsewhere .NET keeps its own copy of the environment, so the C library is told too.
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows() && SetEnv(Variable, "1", overwrite: 1) != 0) throw new Win32Exception();
        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
