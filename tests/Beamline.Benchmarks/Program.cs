using BenchmarkDotNet.Running;
using Beamline.Testing.Models;

// `gpt2 FOLDER` writes a GPT-2 of 124 M random weights, for `beamline bench decode --model FOLDER@int8`; all else is BenchmarkDotNet's.
if (args is ["gpt2", var folder])
{
    RandomGpt2.Small.Write(Directory.CreateDirectory(folder).FullName);
    return;
}
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
