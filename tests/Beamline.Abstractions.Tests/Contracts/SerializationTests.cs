using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>Every contract crosses a silo's border unchanged.</summary>
public sealed class SerializationTests : IDisposable
{
    private const int SamplesPerType = 60;

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<Type> Types => [.. ContractTypes.Serializable];

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void Contract_ThereAndBack_IsTheSame(Type type)
    {
        Serializer serializer = _services.GetRequiredService<Serializer>();
        for (int seed = 0; seed < SamplesPerType; seed++)
        {
            object sample = new SampleMaker(seed).Make(type);
            object? back = serializer.Deserialize<object>(serializer.SerializeToArray(sample));
            Difference.Between(sample, back).ShouldBeNull($"{type.Name}, seed {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Contract_Copied_IsTheSame(Type type)
    {
        DeepCopier copier = _services.GetRequiredService<DeepCopier>();
        for (int seed = 0; seed < SamplesPerType; seed++)
        {
            object sample = new SampleMaker(seed).Make(type);
            Difference.Between(sample, copier.Copy(sample)).ShouldBeNull($"{type.Name}, seed {seed}");
        }
    }

    [Fact]
    public void Update_SentAsItsBase_KeepsPositionAndCase()
    {
        Serializer serializer = _services.GetRequiredService<Serializer>();
        UpdateReading reading = new(
            [new TokenAppended(41, 1, 2, 3, "x", null), new Failed(42, BeamlineError.Of(BeamlineErrorCode.Cancelled, "Cancelled."))],
            IsLast: true);
        UpdateReading back = serializer.Deserialize<UpdateReading>(serializer.SerializeToArray(reading)).ShouldNotBeNull();
        back.Updates.ShouldBe(reading.Updates);
        back.Updates.Select(update => update.Position).ShouldBe([41, 42]);
    }

    [Fact]
    public void Parameters_AbsentAndEmptyLists_StayApart()
    {
        Serializer serializer = _services.GetRequiredService<Serializer>();
        GenerationParameters parameters = new() { EosTokenId = [], LogitBias = ImmutableDictionary<int, float>.Empty };
        GenerationParameters back = serializer.Deserialize<GenerationParameters>(serializer.SerializeToArray(parameters)).ShouldNotBeNull();
        back.EosTokenId.ShouldNotBeNull().ShouldBeEmpty();
        back.LogitBias.ShouldNotBeNull().ShouldBeEmpty();
        back.StopStrings.ShouldBeNull();
    }

    [Fact]
    public void Exception_Thrown_KeepsErrorAndMessage()
    {
        Serializer serializer = _services.GetRequiredService<Serializer>();
        BeamlineException thrown = Should.Throw<BeamlineException>(() => throw new BeamlineException(
            BeamlineError.Invalid([new Fault("top_p", "2", "0 to 1"), new Fault("top_k", "-1", "0 or more")])));
        BeamlineException back = serializer.Deserialize<Exception>(serializer.SerializeToArray<Exception>(thrown))
            .ShouldBeOfType<BeamlineException>();
        Difference.Between(thrown.Error, back.Error).ShouldBeNull();
        back.Message.ShouldBe("top_p is 2; allowed: 0 to 1. top_k is -1; allowed: 0 or more");
    }

    [Fact]
    public void Comparison_OfUnequalContracts_SeesIt()
    {
        GenerationRequest left = new() { Id = new("a"), Prompts = [new TokenPrompt([1, 2])] };
        Difference.Between(left, left with { Prompts = [new TokenPrompt([1, 3])] }).ShouldBe(".Prompts[0].Ids[1]: 2 and 3");
        Difference.Between(left, left with { Prompts = [new TextPrompt("a")] }).ShouldBe(".Prompts[0]: TokenPrompt and TextPrompt");
        Difference.Between(left, left with { User = "u" }).ShouldNotBeNull();
    }
}
