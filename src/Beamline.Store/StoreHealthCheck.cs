using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Beamline.Store;

/// <summary>The store is ready when it answers a PING.</summary>
internal sealed class StoreHealthCheck(StoreService store) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (store.Endpoint is not { } endpoint) return HealthCheckResult.Unhealthy("starting");
        try
        {
            using Socket socket = new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endpoint, cancellationToken);
            await using NetworkStream stream = new(socket);
            await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), cancellationToken);
            byte[] answer = new byte[5];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return answer.AsSpan().SequenceEqual("+PONG"u8)
                ? HealthCheckResult.Healthy("answers")
                : HealthCheckResult.Unhealthy("answers wrongly");
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("does not answer", e);
        }
    }
}
