using System.Reflection;
using Beamline.Abstractions.Requests;
using Orleans;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>Everything of Beamline.Abstractions that crosses a silo's border.</summary>
internal static class ContractTypes
{
    public static readonly Assembly Assembly = typeof(GenerationRequest).Assembly;

    /// <summary>Types that say so, abstract ones included; the serializer's own generated ones left out.</summary>
    public static readonly Type[] Serializable =
    [
        .. Assembly.GetExportedTypes()
            .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
            .OrderBy(type => type.FullName),
    ];

    public static readonly Type[] GrainInterfaces =
    [
        .. Assembly.GetExportedTypes()
            .Where(type => type.IsInterface && type.IsAssignableTo(typeof(IGrain)))
            .OrderBy(type => type.FullName),
    ];

    /// <summary>The properties a type states itself that hold data: positional ones, init ones, and numbered ones.</summary>
    public static IEnumerable<PropertyInfo> DataOf(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(property => property.SetMethod is not null || property.IsDefined(typeof(IdAttribute)));
}
