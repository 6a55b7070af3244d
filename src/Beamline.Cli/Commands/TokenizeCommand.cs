using System.CommandLine;
using System.Text.Json;
using Beamline.Cli.Backends;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;
using Beamline.Models.Tokenizers;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline tokenize TEXT</c>: shows the tokens of a text.</summary>
internal sealed class TokenizeCommand : Command
{
    private readonly Argument<string> _text = new("text")
    {
        HelpName = "TEXT",
        Description = "the text to take apart; - reads standard input",
    };

    private readonly Option<string?> _model = CommonOptions.Model();
    private readonly Option<bool> _json = CommonOptions.Json();

    /// <summary>The command over a backend.</summary>
    public TokenizeCommand(IBackend backend, Terminal terminal)
        : base("tokenize", "Show the tokens of a text: id and piece, one a line.")
    {
        Arguments.Add(_text);
        Options.Add(_model);
        Options.Add(_json);
        SetAction((result, cancellationToken) => RunAsync(result, backend, terminal, cancellationToken));
    }

    private async Task<int> RunAsync(ParseResult result, IBackend backend, Terminal terminal, CancellationToken cancellationToken)
    {
        string text = result.GetRequiredValue(_text);
        if (text == "-") text = await terminal.ReadInputAsync(cancellationToken);
        ITokenizer tokenizer = backend.LoadTokenizer(result.GetValue(_model));
        int[] ids = tokenizer.Encode(text);
        string[] pieces = [.. ids.Select(id => TokenPieces.Of(tokenizer, id))];
        if (result.GetValue(_json)) CliJson.WriteLine(terminal.Output, json => WriteJson(json, ids, pieces));
        else WriteLines(terminal.Output, ids, pieces);
        terminal.Output.Flush();
        return ExitCodes.Success;
    }

    private static void WriteJson(Utf8JsonWriter json, int[] ids, string[] pieces)
    {
        json.WriteStartObject();
        json.WriteStartArray("ids");
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteStartArray("pieces");
        foreach (string piece in pieces) json.WriteStringValue(piece);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Quoted, so that spaces and line ends can be seen.
    private static void WriteLines(TextWriter output, int[] ids, string[] pieces)
    {
        foreach ((int id, string piece) in ids.Zip(pieces))
        {
            string visible = piece.Replace("\\", "\\\\").Replace("\"", "\\\"")
                .Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t");
            output.WriteLine($"{id,7}  \"{visible}\"");
        }
    }
}
