using BenchmarkDotNet.Running;
using Beamline.Benchmarks.Cluster;
using Beamline.Testing.Models;

switch (args)
{
    // A GPT-2 of 124 M random weights, for `beamline bench decode --model FOLDER@int8`.
    case ["gpt2", var folder]:
        RandomGpt2.Small.Write(Directory.CreateDirectory(folder).FullName);
        break;
    case ["cluster", .. var arguments]:
        await ClusterBenchmark.RunAsync(arguments);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ClusterBenchmark).Assembly).Run(args);
        break;
}
