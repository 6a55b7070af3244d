using System.Net;
using System.Net.Sockets;
using Beamline.ServiceDefaults.Networking;

namespace Beamline.ServiceDefaults.Tests.Networking;

public sealed class FreePortTests
{
    [Fact]
    public void APort_SomeoneListensOn_IsTaken()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        FreePort.IsTaken(IPAddress.Loopback, port).ShouldBeTrue();
        listener.Stop();
        FreePort.IsTaken(IPAddress.Loopback, port).ShouldBeFalse();
    }

    [Fact]
    public void AChosenPort_CanBeListenedOn()
    {
        int port = FreePort.On(IPAddress.Loopback);
        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();
        FreePort.IsTaken(IPAddress.Loopback, port).ShouldBeTrue();
    }
}
