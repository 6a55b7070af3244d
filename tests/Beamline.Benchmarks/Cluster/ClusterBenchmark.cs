using System.Globalization;
using System.Net;
using Beamline.ServiceDefaults.Networking;

namespace Beamline.Benchmarks.Cluster;

/// <summary>
/// Two silos of one core each against one, and requests through a gateway against those sent to the silo itself, in real processes.
/// </summary>
/// <remarks>
/// Needs two cores and <c>taskset</c> of util-linux. The clients of a silo run on that silo's own core, in both cases: what is compared
/// are one and two cores, each with a silo and its clients. Where a gateway takes part, all clients run on its core, also when they
/// bypass it. Two silos that do not know each other show what the machine makes of two cores that work at the same time. All processes
/// live from the beginning to the end; the cases run in turns, every other round backwards.
/// </remarks>
internal static class ClusterBenchmark
{
    private const int FirstCore = 0, SecondCore = 1, Clients = 64, WarmUps = 3;

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments"><c>[MODEL [ROUNDS [REQUESTS [TOKENS]]]]</c></param>
    public static async Task RunAsync(string[] arguments)
    {
        string model = arguments.Length > 0 ? arguments[0] : "tales";
        int rounds = NumberOf(arguments, 1, 7);
        ClusterLoad all = new(NumberOf(arguments, 2, 512), Clients, NumberOf(arguments, 3, 100)), half = all.Half;

        int port = NewPort(), gateway = NewPort();
        await using PinnedServer alone = await PinnedServer.StartAsync(FirstCore, model, Ports(NewPort(), gateway));
        await using PinnedServer entry = await PinnedServer.StartAsync(
            SecondCore, model, "--Beamline:Cluster:Role=Gateway", $"--Beamline:Cluster:Gateways:0=127.0.0.1:{gateway}");
        await using PinnedServer stranger = await PinnedServer.StartAsync(SecondCore, model, Ports(NewPort(), NewPort()));
        await using PinnedServer first = await PinnedServer.StartAsync(FirstCore, model, Ports(port, NewPort()));
        await using PinnedServer second = await PinnedServer.StartAsync(
            SecondCore, model, [.. Ports(NewPort(), NewPort()), $"--Beamline:Cluster:PrimarySilo=127.0.0.1:{port}"]);

        ClusterCase one = new("one silo", null, (alone, FirstCore, all));
        ClusterCase apart = new("two that do not know each other, half of the clients each", one,
            (alone, FirstCore, half), (stranger, SecondCore, half));
        ClusterCase two = new("two of one cluster, half of the clients each", one, (first, FirstCore, half), (second, SecondCore, half));
        ClusterCase direct = new("one silo, clients on the other core", null, (alone, SecondCore, all));
        ClusterCase through = new("the same through a gateway there", direct, (entry, SecondCore, all));
        ClusterCase[] cases = [one, apart, two, direct, through];

        for (int i = 0; i < WarmUps; i++)
        {
            foreach (ClusterCase each in new[] { apart, two, through }) await each.RunAsync();
        }
        foreach (ClusterCase each in cases) each.Rates.Clear();
        for (int round = 0; round < rounds; round++)
        {
            foreach (ClusterCase each in round % 2 == 0 ? cases : cases.Reverse()) await each.RunAsync();
        }
        Console.WriteLine($"{model}: {all.Requests} requests an entry, {all.Tokens} tokens each, {Clients} at a time, {rounds} rounds");
        Console.WriteLine($"{"median, lowest and highest",-60} tokens/s                  ratio (of each round)");
        foreach (ClusterCase each in cases) Console.WriteLine(each);
        Console.WriteLine($"two of one cluster over two strangers: {two.RatioTo(apart)}");
    }

    private static int NewPort() => FreePort.On(IPAddress.Loopback);

    private static string[] Ports(int silo, int gateway) =>
        [$"--Beamline:Cluster:SiloPort={silo}", $"--Beamline:Cluster:GatewayPort={gateway}"];

    private static int NumberOf(string[] arguments, int place, int standard) =>
        arguments.Length > place ? int.Parse(arguments[place], CultureInfo.InvariantCulture) : standard;
}
