namespace Beamline.Cluster.Tests.Failover;

/// <summary>Requests of each kind of search, all of a length that a failure finds unfinished.</summary>
internal static class Requests
{
    private static readonly string[] Openings =
    [
        "Once upon a time", "One day, a girl named Lily", "The dog ran", "There was a big tree", "Tom and his mom", "In the garden",
    ];

    /// <summary>One that takes seconds: eight prompts, as long as the context allows, and more rows than a worker has.</summary>
    /// <param name="beams">Whether by beam search; else four samples each.</param>
    public static object Large(bool beams = false)
    {
        string[] prompt = [.. Openings, "The cat", "A little bird"];
        int[] endless = [];
        return beams
            ? new { prompt, max_tokens = 400, do_sample = false, num_beams = 4, eos_token_id = endless, stream = true }
            : new { prompt, max_tokens = 400, seed = 3, n = 4, temperature = 0.9, eos_token_id = endless, stream = true };
    }

    /// <summary>Request number i: greedy, sampled, n samples and beams in turn.</summary>
    /// <param name="number">0 or more; the same number is the same request.</param>
    /// <param name="tokens">Tokens of each sequence.</param>
    /// <param name="model">The model; null is the default one.</param>
    public static object Of(int number, int tokens = 200, string? model = null)
    {
        string prompt = $"{Openings[number % Openings.Length]}";
        int[] endless = [];
        return (number % 4) switch
        {
            0 => new
            {
                model, prompt, max_tokens = tokens, do_sample = false, eos_token_id = endless, stream = true, return_token_ids = true,
            },
            1 => new
            {
                model, prompt, max_tokens = tokens, seed = number, temperature = 0.9, eos_token_id = endless, stream = true,
                return_token_ids = true,
            },
            2 => new
            {
                model, prompt, max_tokens = tokens, seed = number, n = 2, top_p = 0.9, eos_token_id = endless, stream = true,
                return_token_ids = true,
            },
            _ => new
            {
                model, prompt, max_tokens = tokens, do_sample = false, num_beams = 3, eos_token_id = endless, stream = true,
                return_token_ids = true,
            },
        };
    }
}
