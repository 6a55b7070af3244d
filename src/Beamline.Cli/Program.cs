using System.Runtime.InteropServices;
using Beamline.Cli;
using Beamline.Cli.Backends;
using Beamline.Cli.Terminals;
using Beamline.Models.Catalogue;

using CancellationTokenSource interrupted = new();
using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    // The first Ctrl-C ends the run in order, the second one ends the process.
    context.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
});
return await CommandLine.RunAsync(args, Terminal.OfProcess(), new ProductBackend(new ModelCatalogueOptions()), interrupted.Token);
