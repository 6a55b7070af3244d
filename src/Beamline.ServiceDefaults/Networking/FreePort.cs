using System.Net;
using System.Net.Sockets;

namespace Beamline.ServiceDefaults.Networking;

/// <summary>Ports chosen by the operating system, for libraries that must know a port before they listen on it.</summary>
public static class FreePort
{
    /// <summary>A port that is free on the address now.</summary>
    /// <remarks>Another process may take it before it is used; the system hands out ports in turn, so that takes a coincidence.</remarks>
    public static int On(IPAddress address)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Whether a port is taken by someone who listens on it.</summary>
    public static bool IsTaken(IPAddress address, int port)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        // Without it, a port whose last owner has just closed its connections would count as taken for a minute.
        if (!OperatingSystem.IsWindows()) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return true;
        }
    }
}
