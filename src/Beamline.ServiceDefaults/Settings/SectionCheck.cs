using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Beamline.ServiceDefaults.Settings;

/// <summary>Compares a configuration section with the options class it is meant for: unknown names and values of the wrong form.</summary>
/// <remarks>
/// The binder alone ignores unknown names and stops at the first value that it cannot convert; an operator wants all of them at once.
/// </remarks>
public static class SectionCheck
{
    /// <summary>Everything in the section that does not fit the class; empty when all of it can be bound.</summary>
    public static List<SettingFault> Find(IConfigurationSection section, Type options)
    {
        List<SettingFault> faults = [];
        CheckMembers(section, options, faults);
        return faults;
    }

    /// <summary>
    /// The part of a section that can be bound, so that the rest of it is still checked when one value is of the wrong form.
    /// </summary>
    public static IConfiguration WithoutFaults(IConfigurationSection section, IReadOnlyCollection<SettingFault> faults) =>
        faults.Count == 0 ? section : Rest(section, faults).GetSection(section.Path);

    /// <summary>
    /// A configuration for those who bind parts of a section on their own: as it is, or what can be bound of the section.
    /// </summary>
    public static IConfiguration Readable(IConfiguration configuration, CheckedSection section) =>
        Find(section.Section, section.Options) is { Count: > 0 } faults ? Rest(section.Section, faults) : configuration;

    /// <summary>Whether settings of a type are a section below: neither a value nor a list.</summary>
    internal static bool IsSection(Type declared)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        return type != typeof(string) && ElementOf(type) is null && !IsScalar(type);
    }

    private static IConfigurationRoot Rest(IConfigurationSection section, IReadOnlyCollection<SettingFault> faults)
    {
        HashSet<string> wrong = new(faults.Select(f => f.Setting), StringComparer.OrdinalIgnoreCase);
        return new ConfigurationBuilder()
            .AddInMemoryCollection(section.AsEnumerable().Where(pair => !wrong.Contains(pair.Key)))
            .Build();
    }

    private static void CheckMembers(IConfigurationSection section, Type options, List<SettingFault> faults)
    {
        PropertyInfo[] properties = [.. options.GetProperties().Where(IsSetting)];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            PropertyInfo? property = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is not null) CheckValue(child, property.PropertyType, faults);
            else faults.Add(new(child.Path, $"is not a setting; {section.Path} has {string.Join(", ", properties.Select(p => p.Name))}"));
        }
    }

    private static void CheckValue(IConfigurationSection value, Type declared, List<SettingFault> faults)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string)) return;
        if (ElementOf(type) is { } element)
        {
            foreach (IConfigurationSection child in value.GetChildren()) CheckValue(child, element, faults);
        }
        else if (IsScalar(type))
        {
            if (value.Value is { } text && !CanConvert(text, type)) faults.Add(SettingFault.NotAllowed(value.Path, text, FormOf(type)));
        }
        else
        {
            CheckMembers(value, type, faults);
        }
    }

    // Collections have no setter: the binder adds to them.
    private static bool IsSetting(PropertyInfo property) =>
        property.SetMethod is { IsPublic: true }
        || (property.PropertyType != typeof(string) && ElementOf(property.PropertyType) is not null);

    private static Type? ElementOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)) ? type.GetGenericArguments()[0]
        : null;

    private static bool IsScalar(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan) || type == typeof(decimal);

    private static bool CanConvert(string text, Type type)
    {
        if (type.IsEnum) return Array.Exists(Enum.GetNames(type), name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        try
        {
            return TypeDescriptor.GetConverter(type).ConvertFromInvariantString(text) is not null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            return false;
        }
    }

    private static string FormOf(Type type) =>
        type.IsEnum ? string.Join(", ", Enum.GetNames(type))
        : type == typeof(bool) ? "true, false"
        : type == typeof(TimeSpan) ? "a time such as 00:00:30"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : "a number";
}
