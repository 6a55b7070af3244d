namespace Beamline.Cli.Benchmarks;

/// <summary>What <c>beamline bench decode</c> measures.</summary>
/// <param name="Model">The model's name or folder.</param>
/// <param name="Rows">Batch sizes, each measured by itself.</param>
/// <param name="Method">How tokens are chosen.</param>
/// <param name="PromptTokens">Tokens of each prompt; 2 or more.</param>
/// <param name="NewTokens">Tokens generated in each row; 2 or more.</param>
/// <param name="Pairs">How often engine and bare loop take turns; 1 or more.</param>
/// <param name="Threads">Threads of a forward pass; 0 chooses as the engine does.</param>
/// <param name="Mixed">
/// Requests of a mixed load on the largest batch, outputs of 8 to 256 tokens with a heavy tail; 0 leaves it out.
/// </param>
/// <param name="SharedTokens">
/// Tokens that all prompts begin with, the rest being their own: then the engine keeps its cache of prompts; 0: all prompts are the same,
/// and each is computed.
/// </param>
/// <param name="Sequences">Sampled sequences of a request that goes through client and grains; 0 leaves it out.</param>
internal sealed record DecodeSettings(
    string Model,
    IReadOnlyList<int> Rows,
    DecodeMethod Method,
    int PromptTokens,
    int NewTokens,
    int Pairs,
    int Threads,
    int Mixed,
    int SharedTokens,
    int Sequences);
