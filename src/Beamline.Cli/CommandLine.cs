using System.CommandLine;
using System.CommandLine.Invocation;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Backends;
using Beamline.Cli.Commands;
using Beamline.Cli.Output;
using Beamline.Cli.Parsing;
using Beamline.Cli.Terminals;

namespace Beamline.Cli;

/// <summary>The tool without its process: arguments in, exit code out.</summary>
internal static class CommandLine
{
    // An argument that begins with @ is a text, not a file of further arguments.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <summary>Runs one command.</summary>
    /// <param name="args">The arguments without the program's name.</param>
    /// <param name="terminal">Where to read and write.</param>
    /// <param name="backend">What to act on.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCodes"/>. Nothing is thrown: what went wrong was said in one line.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, IBackend backend, CancellationToken cancellationToken)
    {
        try
        {
            ParseResult result = NewRoot(backend, terminal).Parse(args, Parser);
            bool isHelp = result.Action is { ClearsParseErrors: true } and not ParseErrorAction;
            if (!isHelp && ParseErrors.Of(result, args) is { Count: > 0 } errors)
            {
                terminal.Complain(string.Join(". ", errors));
                return ExitCodes.CallersFault;
            }
            InvocationConfiguration invocation = new()
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            int code = await result.InvokeAsync(invocation, cancellationToken);
            await terminal.Output.FlushAsync(cancellationToken);
            return code;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (BeamlineException failure)
        {
            terminal.Complain(ErrorText.Of(failure.Error));
            return ExitCodes.Of(failure.Error.Code);
        }
        catch (IOException failure)
        {
            terminal.Complain($"cannot read or write: {failure.Message}");
            return ExitCodes.OurFault;
        }
        catch (Exception failure)
        {
            // The last door: a stack trace helps nobody at a prompt.
            terminal.Complain($"unexpected failure: {failure.Message}");
            return ExitCodes.OurFault;
        }
    }

    private static RootCommand NewRoot(IBackend backend, Terminal terminal) => new("Generate text with language models.")
    {
        new GenerateCommand(backend, terminal),
        new CompareCommand(backend, terminal),
        new ModelsCommand(backend, terminal),
        new TokenizeCommand(backend, terminal),
        new ServeCommand(backend),
        new StatusCommand(terminal),
        new BenchCommand(backend, terminal),
    };
}
