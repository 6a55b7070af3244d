using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Cache;

/// <summary>What the import of a model of real size takes: 124 million weights, half a gigabyte in fp32.</summary>
public sealed partial class ImportMemoryTests
{
    [Fact]
    [Trait("Category", "Long")]
    public async Task Import_OfGpt2Small_NeverHoldsTheModel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "peak memory is read from /proc");
        using TemporaryFolder temporary = new();
        RandomGpt2.Small.Write(temporary.PathOf("small"));
        long source = new FileInfo(temporary.PathOf("small", "model.safetensors")).Length;
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            using ChildProcess child = ChildProcess.Start(
                $"{typeof(ImportMemoryTests).FullName}.{nameof(Child_Imports)}",
                (ImportChild.CacheVariable, temporary.PathOf("cache")),
                (ImportChild.ModelVariable, $"{temporary.PathOf("small")}@{precision.Name()}"));
            string output = await child.RunToEndAsync(TestContext.Current.CancellationToken);

            Match peak = Peak().Match(output);
            peak.Success.ShouldBeTrue(output);
            TestContext.Current.TestOutputHelper!.WriteLine($"{precision.Name()}: {peak.Value}");
            // The runtime takes 50 MB, buffers and the largest matrix in 8 bits the rest; of the source nothing stays.
            (long.Parse(peak.Groups[1].Value, CultureInfo.InvariantCulture) * 1024).ShouldBeLessThan(source / 2);
        }
    }

    /// <summary>What the children run.</summary>
    [Fact(Explicit = true)]
    public void Child_Imports()
    {
        Stopwatch watch = Stopwatch.StartNew();
        string asked = Environment.GetEnvironmentVariable(ImportChild.ModelVariable)!;
        CachedModel model = new ModelCatalogue(new ModelCatalogueOptions()).Open(asked);
        long bytes = new FileInfo($"{model.GraphPath}.data").Length;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        string peak = string.Concat(line.Where(char.IsAsciiDigit));
        Console.Out.WriteLine($"peak {peak} kB, {watch.Elapsed.TotalSeconds:f1} s, {bytes / 1e6:f0} MB of weights");
    }

    [GeneratedRegex(@"peak (\d+) kB, [\d.]+ s, \d+ MB of weights")]
    private static partial Regex Peak();
}
