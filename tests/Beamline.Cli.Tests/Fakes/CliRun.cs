using Beamline.Cli.Backends;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Tests.Fakes;

/// <summary>What one call of the tool gave.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record CliRun(int Code, string Output, string Error)
{
    public static Task<CliRun> Of(IBackend backend, params string[] args) => WithInput(backend, "", args);

    public static Task<CliRun> WithInput(IBackend backend, string input, params string[] args) =>
        UntilInterrupted(backend, input, args, TestContext.Current.CancellationToken);

    public static async Task<CliRun> UntilInterrupted(IBackend backend, string input, string[] args, CancellationToken cancellationToken)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        Terminal terminal = new(new StringReader(input), output, error, isInteractive: false);
        int code = await CommandLine.RunAsync(args, terminal, backend, cancellationToken);
        return new(code, output.ToString(), error.ToString());
    }

    /// <summary>Nothing on standard output, one line on standard error, code 2.</summary>
    public string ShouldBeCallersFault()
    {
        Code.ShouldBe(ExitCodes.CallersFault, Error);
        Output.ShouldBeEmpty();
        Error.ShouldStartWith("beamline: ");
        Error.ShouldEndWith("\n");
        Error.Count(character => character == '\n').ShouldBe(1);
        return Error["beamline: ".Length..^1];
    }
}
