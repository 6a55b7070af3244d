using Beamline.Client.Resilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Beamline.Client;

/// <summary>Registers the client.</summary>
public static class BeamlineClientServices
{
    /// <summary>Adds <see cref="BeamlineClient"/> as a singleton over the Orleans client or silo of the same process.</summary>
    /// <remarks>A <see cref="LossSignal"/> among the services is listened to.</remarks>
    /// <param name="services">Holds, or will hold, an Orleans client (<c>UseOrleansClient</c>) or silo (<c>UseOrleans</c>).</param>
    /// <param name="configure">Changes the defaults; null leaves them. What is out of range is refused at start.</param>
    public static IServiceCollection AddBeamlineClient(this IServiceCollection services, Action<BeamlineClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BeamlineClientOptions>, BeamlineClientOptionsValidator>());
        OptionsBuilder<BeamlineClientOptions> options = services.AddOptions<BeamlineClientOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        services.TryAddSingleton(provider => new BeamlineClient(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<IOptions<BeamlineClientOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<LossSignal>()));
        return services;
    }
}
