namespace Beamline.Cli.Benchmarks;

/// <summary>Lengths and arrivals of a load: many short requests, a few long ones, the same for the same seed.</summary>
internal static class LoadPlan
{
    private const double ParetoIndex = 1.1;

    private static readonly string[] Prompts =
    [
        "Once upon a time",
        "In the garden behind the school, a snail",
        "Tell me a story about a robot who learns to paint.\n",
        "Once upon a time, there was a thoughtful seahorse called Rowan. He lived near a bright coral reef,",
        "\"Where are you going?\" asked the owl.",
    ];

    public static IReadOnlyList<LoadRequest> Create(ServeSettings settings)
    {
        Random random = new(settings.Seed);
        return
        [
            .. Enumerable.Range(0, settings.Requests).Select(number => new LoadRequest(
                number,
                Prompts[random.Next(Prompts.Length)],
                Length(random, settings.MinTokens, settings.MaxTokens),
                settings.Rate > 0 ? TimeSpan.FromSeconds(-double.Log(1 - random.NextDouble()) / settings.Rate) : TimeSpan.Zero)),
        ];
    }

    /// <summary>Draws from the Pareto distribution between two lengths, by inverting it.</summary>
    internal static int Length(Random random, int min, int max)
    {
        double tail = double.Pow((double)min / max, ParetoIndex);
        double length = min * double.Pow(1 - random.NextDouble() * (1 - tail), -1 / ParetoIndex);
        return int.Clamp((int)length, min, max);
    }
}
