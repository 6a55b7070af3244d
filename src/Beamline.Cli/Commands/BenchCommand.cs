using System.CommandLine;
using Beamline.Cli.Backends;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline bench</c>: measures this machine.</summary>
internal sealed class BenchCommand : Command
{
    /// <summary>The command with its own commands.</summary>
    public BenchCommand(IBackend backend, Terminal terminal)
        : base("bench", "Measure this machine. Figures are medians of interleaved runs.")
    {
        Subcommands.Add(new BenchDecodeCommand(backend, terminal));
        Subcommands.Add(new BenchServeCommand(backend, terminal));
    }
}
