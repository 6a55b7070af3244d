using System.Text;
using Spectre.Console;

namespace Beamline.Cli.Terminals;

/// <summary>Where the tool reads and writes. Text is UTF-8, whatever the locale says.</summary>
/// <param name="input">Standard input.</param>
/// <param name="output">Standard output; not flushed by itself.</param>
/// <param name="error">Standard error.</param>
/// <param name="isInteractive">Whether a person looks at the output: then it may hold colours and tables.</param>
internal sealed class Terminal(TextReader input, TextWriter output, TextWriter error, bool isInteractive)
{
    private const int PlainWidth = 120;

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        return new(
            new StreamReader(Console.OpenStandardInput(), utf8),
            new StreamWriter(Console.OpenStandardOutput(), utf8) { NewLine = "\n" },
            new StreamWriter(Console.OpenStandardError(), utf8) { NewLine = "\n", AutoFlush = true },
            isInteractive: !Console.IsOutputRedirected);
    }

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether a person looks at the output.</summary>
    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Standard output for tables. As wide as the window; where nobody looks, wide enough for every table.</summary>
    public IAnsiConsole NewConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(Output),
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!IsInteractive) console.Profile.Width = PlainWidth;
        return console;
    }

    /// <summary>All of standard input, without the line end that a shell puts behind the last line.</summary>
    public async Task<string> ReadInputAsync(CancellationToken cancellationToken)
    {
        string text = await input.ReadToEndAsync(cancellationToken);
        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>One line to standard error under the tool's name.</summary>
    public void Complain(string message) => Error.WriteLine($"beamline: {message.ReplaceLineEndings(" ")}");
}
