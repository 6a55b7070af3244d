using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Beamline.Abstractions.Workers;
using Beamline.Cli.Backends;
using Beamline.Cli.Output;
using Beamline.Cli.Terminals;
using Spectre.Console;

namespace Beamline.Cli.Commands;

/// <summary><c>beamline models</c>: what can be asked for by name; below it, what changes a running cluster.</summary>
internal sealed class ModelsCommand : Command
{
    private static readonly string[] Headings = ["name", "family", "parameters", "size", "precision", "context"];

    private readonly Option<bool> _json = CommonOptions.Json();

    /// <summary>The command over a backend.</summary>
    public ModelsCommand(IBackend backend, Terminal terminal)
        : base("models", "List the models of this machine, or change what a running cluster serves.")
    {
        Subcommands.Add(ModelChangeCommand.Load(terminal));
        Subcommands.Add(ModelChangeCommand.Unload(terminal));
        Options.Add(_json);
        SetAction(result =>
        {
            IReadOnlyList<ModelDescription> models = backend.ListModels();
            if (result.GetValue(_json)) CliJson.WriteLine(terminal.Output, json => WriteJson(json, models));
            else if (terminal.IsInteractive) WriteTable(terminal, models);
            else WriteLines(terminal.Output, models);
            terminal.Output.Flush();
            return ExitCodes.Success;
        });
    }

    // Bytes of the weights: how the matrices are stored; vectors and scales add little.
    private static long WeightBytesOf(ModelDescription model) => model.Precision switch
    {
        "int4" => model.Parameters / 2,
        "int8" or "w8a8" => model.Parameters,
        "fp16" => model.Parameters * 2,
        _ => model.Parameters * sizeof(float),
    };

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<ModelDescription> models)
    {
        json.WriteStartArray();
        foreach (ModelDescription model in models)
        {
            json.WriteStartObject();
            json.WriteString("name", model.Name);
            json.WriteString("family", model.Family);
            json.WriteNumber("parameters", model.Parameters);
            json.WriteNumber("weight_bytes", WeightBytesOf(model));
            json.WriteString("precision", model.Precision);
            json.WriteNumber("context_length", model.ContextLength);
            json.WriteNumber("vocabulary_size", model.VocabularySize);
            json.WriteString("hash", model.Hash);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTable(Terminal terminal, IReadOnlyList<ModelDescription> models)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (string heading in Headings) table.AddColumn(heading);
        foreach (ModelDescription model in models) table.AddRow([.. CellsOf(model).Select(Markup.Escape)]);
        terminal.NewConsole().Write(table);
    }

    private static void WriteLines(TextWriter output, IReadOnlyList<ModelDescription> models)
    {
        foreach (ModelDescription model in models) output.WriteLine(string.Join('\t', CellsOf(model)));
    }

    private static string[] CellsOf(ModelDescription model) =>
    [
        model.Name,
        model.Family,
        InWords(model.Parameters, 1000, "", "K", "M", "B"),
        InWords(WeightBytesOf(model), 1024, " B", " KiB", " MiB", " GiB"),
        model.Precision,
        model.ContextLength.ToString(CultureInfo.InvariantCulture),
    ];

    private static string InWords(double value, double step, params string[] units)
    {
        int unit = 0;
        for (; value >= step && unit < units.Length - 1; unit++) value /= step;
        return value.ToString(unit == 0 ? "F0" : "F1", CultureInfo.InvariantCulture) + units[unit];
    }
}
