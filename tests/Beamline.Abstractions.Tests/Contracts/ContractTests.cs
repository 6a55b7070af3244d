using System.Reflection;
using Beamline.Abstractions.Errors;
using Orleans;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>What every contract must say so that silos of two versions understand each other.</summary>
public sealed class ContractTests
{
    // What these do takes time; the rest answers at once, so there is no wait to end.
    private static readonly string[] Waiting = ["Start", "Read", "Await", "Submit", "Drain"];

    public static TheoryData<Type> Serializable => [.. ContractTypes.Serializable];

    public static TheoryData<Type> GrainInterfaces => [.. ContractTypes.GrainInterfaces];

    [Theory]
    [MemberData(nameof(Serializable))]
    public void SerializableType_Alias_IsItsNameUnderBeamline(Type type) =>
        type.GetCustomAttribute<AliasAttribute>(inherit: false).ShouldNotBeNull().Alias.ShouldBe($"Beamline.{type.Name}");

    [Theory]
    [MemberData(nameof(Serializable))]
    public void SerializableType_Members_AreNumberedOnceAndCannotChange(Type type)
    {
        PropertyInfo[] data = [.. ContractTypes.DataOf(type)];
        foreach (PropertyInfo property in data)
        {
            bool inherited = type.BaseType?.GetProperty(property.Name) is not null;
            if (!inherited) property.GetCustomAttribute<IdAttribute>().ShouldNotBeNull($"{type.Name}.{property.Name} has no number");
            if (property.SetMethod is { } setter)
            {
                setter.ReturnParameter.GetRequiredCustomModifiers().Select(modifier => modifier.Name)
                    .ShouldContain("IsExternalInit", $"{type.Name}.{property.Name} can be set after construction");
            }
        }
        data.Select(property => property.GetCustomAttribute<IdAttribute>()?.Id).Where(id => id is not null).ShouldBeUnique();
        bool immutable = type.IsDefined(typeof(ImmutableAttribute), inherit: false);
        immutable.ShouldBe(type != typeof(BeamlineException), $"{type.Name} is not marked immutable");
    }

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void GrainInterface_ItselfAndItsMethods_HaveAliases(Type type)
    {
        type.GetCustomAttribute<AliasAttribute>(inherit: false).ShouldNotBeNull().Alias.ShouldBe($"Beamline.{type.Name}");
        string[] aliases =
        [
            .. type.GetMethods().Select(method => method
                .GetCustomAttribute<AliasAttribute>().ShouldNotBeNull($"{type.Name}.{method.Name} has no alias").Alias),
        ];
        aliases.ShouldBeUnique();
    }

    [Theory]
    [MemberData(nameof(GrainInterfaces))]
    public void GrainMethod_ThatWaits_TakesATokenLast(Type type)
    {
        foreach (MethodInfo method in type.GetMethods())
        {
            if (!Waiting.Any(word => method.Name.StartsWith(word, StringComparison.Ordinal))) continue;
            method.GetParameters()[^1].ParameterType.ShouldBe(typeof(CancellationToken), $"{type.Name}.{method.Name}");
        }
    }
}
