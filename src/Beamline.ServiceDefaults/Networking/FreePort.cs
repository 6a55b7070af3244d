using System.Net;
using System.Net.Sockets;

namespace Beamline.ServiceDefaults.Networking;

/// <summary>Free ports, for libraries that must know a port before they listen on it.</summary>
public static class FreePort
{
    private const int First = 20_000;
    private const int Last = 31_999;
    private const int Tries = 64;

    /// <summary>A port that is free on the address now.</summary>
    /// <remarks>
    /// Drawn from below the range out of which systems serve connections and port 0: what they hand out in the meantime cannot take it.
    /// </remarks>
    public static int On(IPAddress address)
    {
        for (int i = 0; i < Tries; i++)
        {
            int port = Random.Shared.Next(First, Last + 1);
            if (!IsTaken(address, port)) return port;
        }
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
