using System.Globalization;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Terminals;
using Spectre.Console;

namespace Beamline.Cli.Comparison;

/// <summary>A comparison for people: the figures side by side, then a text of each method.</summary>
internal static class ComparisonTable
{
    private static readonly string[] Headings =
        ["method", "texts", "log likelihood", "distinct 1", "distinct 2", "distinct 3", "repeated", "self-BLEU"];

    /// <summary>Writes it.</summary>
    public static void Write(Terminal terminal, long seed, IReadOnlyList<ComparedRun> runs)
    {
        Table table = new() { Border = terminal.IsInteractive ? TableBorder.Rounded : TableBorder.Ascii };
        foreach (string heading in Headings) table.AddColumn(heading, column => column.Alignment = Justify.Right);
        table.Columns[0].Alignment = Justify.Left;
        foreach (ComparedRun run in runs) table.AddRow([.. CellsOf(run).Select(cell => new Text(cell))]);
        IAnsiConsole console = terminal.NewConsole();
        console.Write(table);
        foreach (ComparedRun run in runs)
        {
            Hypothesis first = run.Result.Hypotheses[0];
            string of = run.Result.Hypotheses.Length > 1 ? $", 1 of {run.Result.Hypotheses.Length}" : "";
            terminal.Output.WriteLine($"\n== {run.Method.Name}{of} ==\n{first.Text.Trim()}");
        }
        terminal.Output.WriteLine($"\nThe same texts again: --seed {seed}");
        terminal.Output.Flush();
    }

    private static string[] CellsOf(ComparedRun run) =>
    [
        run.Method.Name,
        run.Result.Hypotheses.Length.ToString(CultureInfo.InvariantCulture),
        .. new[]
        {
            run.Figures.LogLikelihood, run.Figures.Distinct1, run.Figures.Distinct2, run.Figures.Distinct3,
            run.Figures.Repetition, run.Figures.SelfBleu,
        }.Select(figure => double.IsFinite(figure) ? figure.ToString("F2", CultureInfo.InvariantCulture) : "-"),
    ];
}
