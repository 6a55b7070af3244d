using System.ComponentModel;
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
        try
        {
            await ClusterBenchmark.RunAsync(arguments);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or Win32Exception)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(ClusterBenchmark).Assembly).Run(args);
        break;
}
return 0;
