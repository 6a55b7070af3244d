using System.CommandLine;
using System.Globalization;
using Beamline.Abstractions.Errors;
using Beamline.Cli.Backends;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline serve</c>: answers over HTTP.</summary>
internal sealed class ServeCommand : Command
{
    private readonly Option<string?> _port = new("--port")
    {
        HelpName = "N",
        Description = "The port on the loopback address, 0 to 65535; 0 takes a free one.",
    };

    private readonly Option<string?> _urls = new("--urls")
    {
        HelpName = "URLS",
        Description = "Addresses to listen on, separated by semicolons.",
    };

    private readonly Argument<string[]> _settings = new("settings")
    {
        HelpName = "SETTINGS",
        Description = "settings of the server behind --, such as -- --Beamline:Cluster:SiloPort=11111",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The command over a backend.</summary>
    public ServeCommand(IBackend backend)
        : base("serve", "Answer over HTTP.")
    {
        Options.Add(_port);
        Options.Add(_urls);
        Arguments.Add(_settings);
        SetAction((result, cancellationToken) => backend.ServeAsync(SettingsOf(result), cancellationToken));
    }

    private string[] SettingsOf(ParseResult result)
    {
        string? port = result.GetValue(_port), urls = result.GetValue(_urls);
        List<Fault> faults = [];
        if (port is not null && urls is not null) faults.Add(new("--port", port, "either --port or --urls"));
        bool isPort = ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number);
        if (port is not null && !isPort) faults.Add(new("--port", $"'{port}'", "0 to 65535"));
        if (faults.Count > 0) throw new BeamlineException(BeamlineError.Invalid([.. faults]));

        urls ??= isPort ? $"http://127.0.0.1:{number}" : null;
        string[] settings = result.GetValue(_settings) ?? [];
        return urls is null ? settings : [$"--urls={urls}", .. settings];
    }
}
