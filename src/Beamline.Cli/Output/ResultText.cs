using System.Globalization;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Updates;
using Beamline.Cli.Terminals;

namespace Beamline.Cli.Output;

/// <summary>Several sequences as text, each under a heading.</summary>
internal static class ResultText
{
    /// <summary>Writes them in their order.</summary>
    public static void Write(Terminal terminal, GenerationResult result)
    {
        bool several = result.Hypotheses.Length > 1;
        foreach (Hypothesis hypothesis in result.Hypotheses)
        {
            if (several) terminal.Output.WriteLine(HeadingOf(hypothesis, result.Hypotheses.Length));
            terminal.Output.WriteLine(hypothesis.Text);
            if (several && hypothesis.Index < result.Hypotheses.Length - 1) terminal.Output.WriteLine();
        }
        terminal.Output.Flush();
    }

    private static string HeadingOf(Hypothesis hypothesis, int count)
    {
        string score = hypothesis.Score is { } value ? $", score {value.ToString("F4", CultureInfo.InvariantCulture)}" : "";
        return $"== {hypothesis.Index + 1} of {count}{score}, {Counted.Of(hypothesis.Ids.Length, "token")}, {hypothesis.Reason} ==";
    }
}
