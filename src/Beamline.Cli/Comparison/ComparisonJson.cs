using System.Text.Json;
using Beamline.Abstractions.Parameters;
using Beamline.Cli.Output;

namespace Beamline.Cli.Comparison;

/// <summary>A comparison for programs: every text and every figure.</summary>
internal static class ComparisonJson
{
    /// <summary>Writes <c>{"prompt", "seed", "methods": [{"name", "parameters", "figures": {...}, "result": {...}}]}</c>.</summary>
    public static void Write(Utf8JsonWriter json, string prompt, long seed, IReadOnlyList<ComparedRun> runs)
    {
        json.WriteStartObject();
        json.WriteString("prompt", prompt);
        json.WriteNumber("seed", seed);
        json.WriteStartArray("methods");
        foreach (ComparedRun run in runs) WriteRun(json, run);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ComparedRun run)
    {
        json.WriteStartObject();
        json.WriteString("name", run.Method.Name);
        json.WritePropertyName("parameters");
        JsonSerializer.Serialize(json, run.Method.Parameters, GenerationJson.Default.GenerationParameters);
        json.WriteStartObject("figures");
        WriteFigure(json, "mean_log_likelihood", run.Figures.LogLikelihood);
        WriteFigure(json, "distinct_1", run.Figures.Distinct1);
        WriteFigure(json, "distinct_2", run.Figures.Distinct2);
        WriteFigure(json, "distinct_3", run.Figures.Distinct3);
        WriteFigure(json, "repetition_rate", run.Figures.Repetition);
        WriteFigure(json, "self_bleu", run.Figures.SelfBleu);
        json.WriteEndObject();
        json.WritePropertyName("result");
        ResultJson.Write(json, run.Result);
        json.WriteEndObject();
    }

    // A figure that does not exist is null: JSON has no NaN.
    private static void WriteFigure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
