using Beamline.Models.Graphs;
using Beamline.Models.Tests.Support;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Models.Tests.Graphs;

/// <summary>What the same bytes for the same request rest on: the bits of a row's logits do not depend on the rows beside it.</summary>
public sealed class BatchInvarianceTests(ImportedTales tales) : IClassFixture<ImportedTales>
{
    // Bitwise promises are made for the processor; fp16 is for devices.
    private static readonly WeightPrecision[] Exact =
        [.. Enum.GetValues<WeightPrecision>().Where(precision => precision != WeightPrecision.Fp16)];

    public static TheoryData<WeightPrecision, int> Cases =>
        new MatrixTheoryData<WeightPrecision, int>(Exact, [1, 2]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Row_InBatchOfStrangers_SameBitsAsAlone(WeightPrecision precision, int threads) =>
        BatchInvariance.RowsShouldBeIndependent(tales.Open(precision), threads);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Prefill_InChunksOfTwoOrMore_SameBitsAsWhole(WeightPrecision precision, int threads) =>
        BatchInvariance.ChunksShouldBeAsTheWhole(tales.Open(precision), threads);

    // Other kernels and other ways to cut the work up than at the embedded model's size.
    [Fact]
    [Trait("Category", "Long")]
    public void Rows_OfAModelOfRealSize_SameBitsAsAlone()
    {
        using TemporaryFolder temporary = new();
        string folder = temporary.PathOf("small");
        (RandomGpt2.Small with { Layers = 3, ContextLength = 128 }).Write(folder);
        foreach (WeightPrecision precision in Exact)
        {
            BatchInvariance.RowsShouldBeIndependent(TestModels.Catalogue(temporary).Open($"{folder}@{precision.Name()}"), threads: 2);
            BatchInvariance.ChunksShouldBeAsTheWhole(TestModels.Catalogue(temporary).Open($"{folder}@{precision.Name()}"), threads: 2);
        }
    }
}
