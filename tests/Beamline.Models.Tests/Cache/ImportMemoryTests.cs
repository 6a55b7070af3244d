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
    private const string CacheVariable = "BEAMLINE_CACHE";
    private const string ModelVariable = "BEAMLINE_TEST_MODEL";

    [Fact]
    [Trait("Category", "Long")]
    public async Task Import_OfGpt2Small_NeverHoldsTheModelTwice()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "peak memory is read from /proc");
        using TemporaryFolder temporary = new();
        RandomGpt2.Small.Write(temporary.PathOf("small"));
        long source = new FileInfo(temporary.PathOf("small", "model.safetensors")).Length;
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            using ChildProcess child = ChildProcess.Start(
                $"{typeof(ImportMemoryTests).FullName}.{nameof(Child_Imports)}",
                (CacheVariable, temporary.PathOf("cache")),
                (ModelVariable, $"{temporary.PathOf("small")}@{precision.Name()}"));
            string output = await child.RunToEndAsync(TestContext.Current.CancellationToken);

            Match peak = Peak().Match(output);
            peak.Success.ShouldBeTrue(output);
            TestContext.Current.TestOutputHelper!.WriteLine($"{precision.Name()}: {peak.Value}");
            // The mapped source counts as soon as it was read, though the system may take it back.
            (long.Parse(peak.Groups[1].Value, CultureInfo.InvariantCulture) * 1024).ShouldBeLessThan(source * 3 / 2);
        }
    }

    /// <summary>What the children run.</summary>
    [Fact(Explicit = true)]
    public void Child_Imports()
    {
        Stopwatch watch = Stopwatch.StartNew();
        CachedModel model = new ModelCatalogue(new ModelCatalogueOptions()).Open(Environment.GetEnvironmentVariable(ModelVariable)!);
        long bytes = new FileInfo($"{model.GraphPath}.data").Length;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        string peak = string.Concat(line.Where(char.IsAsciiDigit));
        Console.Out.WriteLine($"peak {peak} kB, {watch.Elapsed.TotalSeconds:f1} s, {bytes / 1e6:f0} MB of weights");
    }

    [GeneratedRegex(@"peak (\d+) kB, [\d.]+ s, \d+ MB of weights")]
    private static partial Regex Peak();
}
