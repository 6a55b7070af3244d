using System.Diagnostics;

namespace Beamline.Testing;

/// <summary>How tests start processes.</summary>
public static class ProcessStarts
{
    /// <summary>
    /// Keeps a .NET process from making sockets and pipes for debuggers, which stay in the temporary folder when it is killed.
    /// </summary>
    public static void WithoutDiagnostics(this ProcessStartInfo start) => start.Environment["DOTNET_EnableDiagnostics"] = "0";
}
