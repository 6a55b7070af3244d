using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Orleans.Runtime;

namespace Beamline.Abstractions.Contracts;

/// <summary>
/// One short word for everything that silos and gateways say to each other: methods of grains with their parameters, members of messages
/// with their numbers, values of enumerations. Builds whose contracts are equal have the same one.
/// </summary>
/// <remarks>
/// Serialisation would carry most differences: what one side does not know is left out. Here that is not harmless, since a parameter that
/// one silo leaves out gives another text.
/// </remarks>
public static class ContractsFingerprint
{
    private const int Digits = 16;
    private static readonly Lazy<string> Own = new(() => Of(typeof(ContractsFingerprint).Assembly.GetExportedTypes()));

    /// <summary>That of this build: 16 hexadecimal digits in lower case.</summary>
    public static string Value => Own.Value;

    /// <summary>That of any types; their order does not matter.</summary>
    internal static string Of(IEnumerable<Type> types)
    {
        string all = string.Join('\n', types.SelectMany(Describe).Order(StringComparer.Ordinal));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..Digits];
    }

    private static IEnumerable<string> Describe(Type type)
    {
        if (type.IsInterface && type.IsAssignableTo(typeof(IAddressable))) return type.GetMethods().Select(method => Line(type, method));
        if (type.IsEnum) return Enum.GetValues(type).Cast<Enum>().Select(value => $"{Name(type)} {value} = {value:D}");
        return type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) ? Members(type) : [];
    }

    private static string Line(Type type, MethodInfo method) =>
        $"{Name(type)}.{method.GetCustomAttribute<AliasAttribute>()?.Alias ?? method.Name}"
        + $"({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}) {Name(method.ReturnType)}";

    private static IEnumerable<string> Members(Type type)
    {
        yield return $"{Name(type)} : {Name(type.BaseType ?? typeof(object))}";
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            if (property.GetCustomAttribute<IdAttribute>() is { } id) yield return $"{Name(type)} {id.Id} {Name(property.PropertyType)}";
        }
    }

    // The alias is what crosses the border; a type may move to another namespace without anybody noticing.
    private static string Name(Type type)
    {
        if (type.IsArray) return $"{Name(type.GetElementType()!)}[]";
        string name = type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? $"{type.Namespace}.{type.Name}";
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
