using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>A type that one other type alone makes: what it says of its values then holds for all of them.</summary>
internal static class SoleMaker
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The ways that a type leaves open to others: constructors that anybody sees, and members that <c>with</c> can set.</summary>
    public static IEnumerable<string> OpenWays(Type made)
    {
        foreach (ConstructorInfo constructor in made.GetConstructors(Declared).Where(constructor => constructor.IsPublic))
        {
            yield return $"{made.Name} has a public constructor of {constructor.GetParameters().Length} parameters";
        }
        foreach (PropertyInfo property in made.GetProperties(Declared).Where(property => property.SetMethod is { IsPrivate: false }))
        {
            yield return $"{made.Name}.{property.Name} can be set from outside";
        }
        foreach (FieldInfo field in made.GetFields(Declared).Where(field => !field.IsPrivate && !field.IsInitOnly && !field.IsLiteral))
        {
            yield return $"{made.Name}.{field.Name} can be set from outside";
        }
        foreach (MethodInfo method in made.GetMethods(Declared))
        {
            bool makes = method is { IsStatic: true, IsPrivate: false } && method.ReturnType == made;
            if (makes) yield return $"{made.Name}.{method.Name} makes one";
        }
        if (!made.IsSealed) yield return $"{made.Name} can be derived from";
    }

    /// <summary>Who in an assembly makes values of a type, by the constructor calls in its code.</summary>
    /// <param name="made">The type.</param>
    /// <param name="assembly">The assembly that sees its constructor.</param>
    /// <returns>Names of types; of a nested one, such as a lambda's, the outermost.</returns>
    public static IEnumerable<string> MakersIn(Type made, Assembly assembly)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(assembly.Location);
        return
        [
            .. module.GetTypes()
                .Where(type => type.Methods.Any(method => method.HasBody && method.Body.Instructions.Any(code => Makes(code, made))))
                .Select(type => Outermost(type).FullName).Distinct(),
        ];
    }

    private static bool Makes(Instruction code, Type made) =>
        code.OpCode == OpCodes.Newobj && code.Operand is MethodReference constructor &&
        constructor.DeclaringType.FullName.Replace('/', '+') == made.FullName;

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
