using System.Numerics.Tensors;
using System.Text.Json;

namespace Beamline.Models.Tests.Support;

/// <summary>An expected.json: prompts with the logits and the greedy continuation that a graph has to give.</summary>
public sealed record ExpectedLogits(float Tolerance, IReadOnlyList<ExpectedPrompt> Prompts)
{
    public static ExpectedLogits Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
        JsonElement root = document.RootElement;
        JsonElement prompts = root.GetProperty("prompts");
        return new ExpectedLogits(root.GetProperty("tolerance").GetSingle(), [.. prompts.EnumerateArray().Select(ReadPrompt)]);
    }

    /// <summary>Runs every prompt and compares all that is expected.</summary>
    public void ShouldHold(GraphRunner runner)
    {
        Prompts.Count.ShouldBeGreaterThan(0);
        foreach (ExpectedPrompt prompt in Prompts)
        {
            float[][] logits = runner.Prefill(prompt.Ids);
            for (int at = 0; at < prompt.LogitsAll.Count; at++) ShouldBeNear(logits[at], prompt.LogitsAll[at], $"position {at}");
            ShouldBeNear(logits[^1], prompt.LogitsLast, "last position");
            List<int> greedy = [];
            float[] row = logits[^1];
            while (greedy.Count < prompt.Greedy.Length)
            {
                greedy.Add(TensorPrimitives.IndexOfMax<float>(row));
                if (greedy.Count < prompt.Greedy.Length) row = runner.Decode(greedy[^1])[0];
            }
            greedy.ShouldBe(prompt.Greedy);
        }
    }

    private void ShouldBeNear(float[] actual, float[] expected, string where)
    {
        actual.Length.ShouldBe(expected.Length);
        float[] difference = new float[actual.Length];
        TensorPrimitives.Subtract(actual, expected, difference);
        TensorPrimitives.MaxMagnitude<float>(difference).ShouldBeInRange(-Tolerance, Tolerance, where);
    }

    private static ExpectedPrompt ReadPrompt(JsonElement prompt) => new(
        Ints(prompt.GetProperty("ids")),
        Floats(prompt.GetProperty("logits_last")),
        [.. Rows(prompt)],
        Ints(prompt.GetProperty("greedy")));

    private static IEnumerable<float[]> Rows(JsonElement prompt) =>
        prompt.TryGetProperty("logits_all", out JsonElement rows) && rows.ValueKind == JsonValueKind.Array
            ? rows.EnumerateArray().Select(Floats)
            : [];

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetInt32())];

    private static float[] Floats(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetSingle())];
}
