using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Settings;

/// <summary>Binds options classes so that a wrong setting stops the process at its start, with all faults at once.</summary>
public static class SettingsExtensions
{
    /// <summary>Binds a section, checks it at start, and returns what it says now for use while services are being registered.</summary>
    /// <param name="services">Where the options go.</param>
    /// <param name="configuration">Where the section is.</param>
    /// <param name="path">The section's name, such as <c>Beamline:Cluster</c>.</param>
    /// <param name="relations">Rules between settings; those of a single number stand as <c>[Range]</c> at the property.</param>
    /// <returns>The options; settings of the wrong form have their default in it, since the start will be refused anyway.</returns>
    public static T AddSettings<T>(
        this IServiceCollection services, IConfiguration configuration, string path, Func<T, IEnumerable<SettingFault>> relations)
        where T : class, new()
    {
        IConfigurationSection section = configuration.GetSection(path);
        services.AddOptions<T>().Configure(options => Bind(section, options)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>>(new SettingsValidator<T>(section, relations));
        T now = new();
        Bind(section, now);
        return now;
    }

    private static void Bind<T>(IConfigurationSection section, T options) =>
        SectionCheck.WithoutFaults(section, SectionCheck.Find(section, typeof(T))).Bind(options);
}
