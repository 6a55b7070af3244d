using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Settings;

/// <summary>Finds all faults of one section: its form, the ranges declared at its properties, and the relations between them.</summary>
/// <param name="section">The section the options are bound from.</param>
/// <param name="relations">Rules between settings; each fault names its setting in full.</param>
internal sealed class SettingsValidator<T>(IConfigurationSection section, Func<T, IEnumerable<SettingFault>> relations)
    : IValidateOptions<T>
    where T : class
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, T options)
    {
        List<SettingFault> faults = SectionCheck.Find(section, typeof(T));
        AddRanges(options, section.Path, faults);
        faults.AddRange(relations(options));
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults.Select(f => f.ToString()));
    }

    private static void AddRanges(object options, string path, List<SettingFault> faults)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties())
        {
            object? value = property.GetValue(options);
            if (value is not null && SectionCheck.IsSection(property.PropertyType)) AddRanges(value, $"{path}:{property.Name}", faults);
            if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            {
                faults.Add(SettingFault.NotAllowed($"{path}:{property.Name}", value, $"{range.Minimum} to {range.Maximum}"));
            }
        }
    }
}
