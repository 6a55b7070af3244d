using System.Reflection;
using System.Runtime.CompilerServices;
using Beamline.Abstractions.Parameters;
using Beamline.Architecture.Tests.Rules;
using Beamline.Decoding.Validation;

namespace Beamline.Architecture.Tests;

/// <summary>Nothing unchecked reaches a worker: the validator alone makes checked parameters, and nobody remakes them.</summary>
public sealed class SoleMakerTests
{
    private static readonly Assembly Tests = typeof(SoleMakerTests).Assembly;

    [Fact]
    public void CheckedParameters_LeaveNoWayToMakeOrChangeOne() => SoleMaker.OpenWays(typeof(CheckedParameters)).ShouldBeEmpty();

    [Fact]
    public void CheckedParameters_AreMadeByTheValidatorAlone()
    {
        SoleMaker.MakersIn(typeof(CheckedParameters), typeof(ParameterValidator).Assembly)
            .ShouldBe([typeof(ParameterValidator).FullName!]);
        // At home it is the copy that every record can make of itself.
        SoleMaker.MakersIn(typeof(CheckedParameters), typeof(CheckedParameters).Assembly)
            .ShouldBe([typeof(CheckedParameters).FullName!]);
    }

    /// <summary>Of the products, the validator's alone sees the constructor.</summary>
    [Fact]
    public void CheckedParameters_Constructor_IsSeenByDecodingAndByTests() =>
        typeof(CheckedParameters).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
            .Select(friend => friend.AssemblyName.Split(',')[0])
            .Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal))
            .ShouldBe([typeof(ParameterValidator).Assembly.GetName().Name!]);

    [Fact]
    public void OpenWays_OfATypeThatAnybodyRemakes_AreSeen()
    {
        string[] seen = [.. SoleMaker.OpenWays(typeof(Remade))];
        seen.ShouldContain(way => way.Contains("can be derived from", StringComparison.Ordinal));
        seen.ShouldContain(way => way.Contains("Remade.Size can be set", StringComparison.Ordinal));
        seen.ShouldContain(way => way.Contains("Remade.Count can be set", StringComparison.Ordinal));
        seen.ShouldContain(way => way.Contains("Of makes one", StringComparison.Ordinal));
        seen.ShouldContain(way => way.Contains("a public constructor", StringComparison.Ordinal));
        SoleMaker.MakersIn(typeof(Remade), Tests).ShouldBe([typeof(SoleMakerTests).FullName!]);
    }

    private record Remade
    {
        public int Size { get; init; }

        internal int Count { get; init; }

        internal static Remade Of(int size) => new() { Size = size };
    }
}
