using System.Reflection;
using System.Reflection.Emit;
using Orleans;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>Contracts made at run time: those in the source would get serializers, and their aliases would meet.</summary>
internal static class ContractMaker
{
    /// <summary>A message with members in the order given.</summary>
    public static Type Message(string alias, params (int Id, string Name, Type Type)[] members)
    {
        TypeBuilder type = NewModule().DefineType($"Made.{Guid.NewGuid():N}", TypeAttributes.Public | TypeAttributes.Class);
        type.SetCustomAttribute(Attribute<GenerateSerializerAttribute>());
        type.SetCustomAttribute(Attribute<AliasAttribute>(alias));
        foreach ((int id, string name, Type of) in members)
        {
            PropertyBuilder property = type.DefineProperty(name, PropertyAttributes.None, of, null);
            property.SetCustomAttribute(Attribute<IdAttribute>((uint)id));
            MethodBuilder getter = type.DefineMethod($"get_{name}", MethodAttributes.Public | MethodAttributes.SpecialName, of, null);
            getter.GetILGenerator().ThrowException(typeof(NotSupportedException));
            property.SetGetMethod(getter);
        }
        return type.CreateType();
    }

    /// <summary>A grain with one method.</summary>
    public static Type Grain(string alias, string methodAlias, string method, Type answer, params Type[] parameters)
    {
        TypeBuilder type = NewModule().DefineType(
            $"Made.{Guid.NewGuid():N}", TypeAttributes.Public | TypeAttributes.Interface | TypeAttributes.Abstract);
        type.AddInterfaceImplementation(typeof(IGrainWithStringKey));
        type.SetCustomAttribute(Attribute<AliasAttribute>(alias));
        MethodBuilder defined = type.DefineMethod(
            method,
            MethodAttributes.Public | MethodAttributes.Abstract | MethodAttributes.Virtual | MethodAttributes.NewSlot,
            answer,
            parameters);
        defined.SetCustomAttribute(Attribute<AliasAttribute>(methodAlias));
        return type.CreateType();
    }

    private static ModuleBuilder NewModule() =>
        AssemblyBuilder.DefineDynamicAssembly(new("Made"), AssemblyBuilderAccess.Run).DefineDynamicModule("Made");

    private static CustomAttributeBuilder Attribute<T>(params object[] arguments) =>
        new(typeof(T).GetConstructor([.. arguments.Select(argument => argument.GetType())])!, arguments);
}
