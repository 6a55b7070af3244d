using System.Diagnostics;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using Beamline.Decoding.Search;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Beamline.Architecture.Tests;

/// <summary>Decoding is pure: no clock, no thread, no file. What a search does follows from its state and the logits alone.</summary>
public sealed class DecodingPurityTests
{
    private const string Impure =
        @"^System\.(IO|Threading|Net|Console|Environment|Random|Guid|DateTime|DateTimeOffset|TimeProvider)\b" +
        @"|^System\.Diagnostics\.(Stopwatch|Process)\b";

    private static readonly System.Reflection.Assembly Decoding = typeof(ISearch).Assembly;
    private static readonly System.Reflection.Assembly Tests = typeof(DecodingPurityTests).Assembly;

    private static readonly ArchUnitNET.Domain.Architecture Loaded = new ArchLoader().LoadAssemblies(Decoding, Tests).Build();

    [Fact]
    public void Decoding_EveryType_DependsOnNothingImpure() => Violations(Decoding).ShouldBeEmpty();

    [Fact]
    public void ATypeThatLooksAtTheClock_IsSeen() =>
        Violations(Tests).ShouldContain(violation => violation.Contains(nameof(ClockReader), StringComparison.Ordinal));

    private static string[] Violations(System.Reflection.Assembly assembly)
    {
        ArchRule<IType> rule = Types().That().ResideInAssembly(assembly)
            .Should().NotDependOnAny(Types(includeReferenced: true).That().HaveFullNameMatching(Impure))
            .WithoutRequiringPositiveResults();
        return [.. rule.Evaluate(Loaded).Where(result => !result.Passed).Select(result => result.Description)];
    }

    private static class ClockReader
    {
        public static long Now => Stopwatch.GetTimestamp();
    }
}
