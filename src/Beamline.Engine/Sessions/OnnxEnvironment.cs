using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Sessions;

/// <summary>The process' one ONNX Runtime environment, with its telemetry off. Everything that needs the runtime starts here.</summary>
/// <remarks>
/// The official builds since 1.29 send usage data and keep a device id and a database in the user's cache folder. Their own switch in
/// the API comes too late: by then the first event and the files exist. What prevents both is this variable, set before the runtime starts.
/// Attention in tiles is turned off in the same way: what a row gives there hangs on the length of the piece that it is computed in, on the
/// rows beside it, on the threads and on the size of the second-level cache.
/// </remarks>
internal static partial class OnnxEnvironment
{
    private static readonly string[] Variables = ["ORT_DISABLE_TELEMETRY", "ORT_GQA_DISABLE_FLASH_ATTENTION"];

    /// <summary>The environment.</summary>
    public static OrtEnv Instance { get; } = Start();

    private static OrtEnv Start()
    {
        // On Windows this reaches the native side; elsewhere .NET keeps its own copy of the environment, so the C library is told too.
        foreach (string variable in Variables)
        {
            Environment.SetEnvironmentVariable(variable, "1");
            if (!OperatingSystem.IsWindows() && SetEnv(variable, "1", overwrite: 1) != 0) throw new Win32Exception();
        }
        OrtEnv environment = OrtEnv.Instance();
        environment.DisableTelemetryEvents();
        return environment;
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);
}
