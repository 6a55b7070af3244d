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
/// bypass it.
/// Two silos that do not know each other show what the machine itself makes of two cores that work at the same time.
/// A round starts fresh processes, warms them up until they get no faster, and runs the cases in turns, forth and back.
/// </remarks>
internal static class ClusterBenchmark
{
    private const int FirstCore = 0, SecondCore = 1, Clients = 64, MaxWarmUps = 8;
    private const double IsWarm = 1.03;

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments"><c>[MODEL [ROUNDS [REQUESTS [TOKENS]]]]</c></param>
    public static async Task RunAsync(string[] arguments)
    {
        string model = arguments.Length > 0 ? arguments[0] : "tales";
        int rounds = NumberOf(arguments, 1, 5);
        ClusterLoad load = new(NumberOf(arguments, 2, 512), Clients, NumberOf(arguments, 3, 100));
        Console.WriteLine(
            $"{model}: {load.Requests} requests an entry of {load.Tokens} tokens, {load.Clients} at a time, {rounds} rounds; tokens/s");
        List<double> one = [], apart = [], two = [], uneven = [], direct = [], through = [];
        for (int round = 0; round < rounds; round++)
        {
            int silo = FreePort.On(IPAddress.Loopback), gateway = FreePort.On(IPAddress.Loopback);
            await using PinnedServer first = await PinnedServer.StartAsync(FirstCore, model, Ports(silo, gateway));
            await WarmUpAsync((first, SecondCore, load));
            await using (PinnedServer entry = await PinnedServer.StartAsync(
                SecondCore, model, "--Beamline:Cluster:Role=Gateway", $"--Beamline:Cluster:Gateways:0=127.0.0.1:{gateway}"))
            {
                await WarmUpAsync((entry, SecondCore, load));
                direct.Add(await RateAsync((first, SecondCore, load)));
                through.Add(await RateAsync((entry, SecondCore, load)));
                through.Add(await RateAsync((entry, SecondCore, load)));
                direct.Add(await RateAsync((first, SecondCore, load)));
            }

            one.Add(await RateAsync((first, FirstCore, load)));
            await using (PinnedServer other = await PinnedServer.StartAsync(SecondCore, model, NewPorts()))
            {
                await WarmUpAsync((first, FirstCore, load.Half), (other, SecondCore, load.Half));
                apart.Add(await RateAsync((first, FirstCore, load.Half), (other, SecondCore, load.Half)));
                apart.Add(await RateAsync((first, FirstCore, load.Half), (other, SecondCore, load.Half)));
            }

            one.Add(await RateAsync((first, FirstCore, load)));
            await using (PinnedServer second = await PinnedServer.StartAsync(
                SecondCore, model, [.. NewPorts(), $"--Beamline:Cluster:PrimarySilo=127.0.0.1:{silo}"]))
            {
                await WarmUpAsync((first, FirstCore, load.Half), (second, SecondCore, load.Half));
                two.Add(await RateAsync((first, FirstCore, load.Half), (second, SecondCore, load.Half)));
                uneven.Add(await RateAsync((first, SecondCore, load)));
                two.Add(await RateAsync((first, FirstCore, load.Half), (second, SecondCore, load.Half)));
            }

            one.Add(await RateAsync((first, FirstCore, load)));
        }
        Print("one silo", one, null);
        Print("two silos that do not know each other, half of the clients each", apart, one);
        Print("two silos, half of the clients each", two, one);
        Print("two silos, all clients at the first, beside the second", uneven, direct);
        Print("one silo, clients on the other core", direct, null);
        Print("the same through a gateway there", through, direct);
    }

    private static string[] NewPorts() => Ports(FreePort.On(IPAddress.Loopback), FreePort.On(IPAddress.Loopback));

    private static string[] Ports(int silo, int gateway) =>
        [$"--Beamline:Cluster:SiloPort={silo}", $"--Beamline:Cluster:GatewayPort={gateway}"];

    private static async Task WarmUpAsync(params (PinnedServer Server, int Core, ClusterLoad Load)[] parts)
    {
        double before = 0;
        for (int i = 0; i < MaxWarmUps; i++)
        {
            double now = await RateAsync(parts);
            if (now < before * IsWarm) return;
            before = now;
        }
    }

    private static async Task<double> RateAsync(params (PinnedServer Server, int Core, ClusterLoad Load)[] parts)
    {
        (double Tokens, double Seconds)[] runs =
            await Task.WhenAll(parts.Select(part => part.Server.MeasureAsync(part.Core, part.Load)));
        return runs.Sum(run => run.Tokens) / runs.Max(run => run.Seconds);
    }

    private static void Print(string what, List<double> rates, List<double>? against)
    {
        string ratio = against is null ? "" : string.Create(CultureInfo.InvariantCulture, $"  {Median(rates) / Median(against):F3}");
        string all = string.Join(' ', rates.Select(rate => rate.ToString("F0", CultureInfo.InvariantCulture)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-62} {Median(rates),8:F0}{ratio,7}   of {all}"));
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static int NumberOf(string[] arguments, int place, int standard) =>
        arguments.Length > place ? int.Parse(arguments[place], CultureInfo.InvariantCulture) : standard;
}
