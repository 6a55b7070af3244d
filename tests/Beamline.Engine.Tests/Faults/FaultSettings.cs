using Beamline.Abstractions.Workers;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Faults;

/// <summary>What a run is about, from its seed.</summary>
internal sealed record FaultSettings(
    int Seed, int Blocks, int PrefixPositions, int PrefillTokens, int InFlight, ModelTraits Traits, bool IsPaged)
{
    public const int Rows = 6;

    public static FaultSettings Of(int seed)
    {
        Random random = new(seed);
        return new(
            seed,
            random.Next(6, 21),
            random.Next(3) switch { 0 => 0, 1 => 100, _ => 10_000 },
            random.Next(3) switch { 0 => 2, 1 => random.Next(3, 40), _ => 512 },
            random.Next(2, 12),
            random.Next(6) switch
            {
                0 => new ModelTraits(RecomputedBeyond: 40),
                1 => new ModelTraits(PrefixesShared: false, PromptInPieces: false),
                _ => ModelTraits.Plain,
            },
            random.Next(4) == 0);
    }

    public long KvBytes => Blocks * HashModel.BlockBytes;

    public long PrefixBytes => PrefixPositions * HashModel.Description.Kv.BytesPerPosition;
}
