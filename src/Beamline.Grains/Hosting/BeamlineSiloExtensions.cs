using Beamline.Grains.Beams;
using Beamline.Grains.Directory;
using Beamline.Grains.Placement;
using Beamline.Grains.Sequences;
using Beamline.Grains.Workers;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Beamline.Grains.Hosting;

/// <summary>Makes a silo one of Beamline's.</summary>
public static class BeamlineSiloExtensions
{
    /// <summary>Adds grains, placement, the model catalogue and this silo's workers.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configuration">
    /// Sections <see cref="WorkerOptions.Section"/>, <see cref="SequenceOptions.Section"/> and <c>Beamline:Cache</c>.
    /// </param>
    public static ISiloBuilder AddBeamline(this ISiloBuilder silo, IConfiguration configuration)
    {
        IServiceCollection services = silo.Services;
        services.AddOptions<WorkerOptions>().Bind(configuration.GetSection(WorkerOptions.Section)).ValidateOnStart();
        services.AddOptions<SequenceOptions>().Bind(configuration.GetSection(SequenceOptions.Section)).ValidateOnStart();
        services.AddOptions<ModelCatalogueOptions>().Bind(configuration.GetSection("Beamline:Cache"));
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddSingleton<IValidateOptions<SequenceOptions>, SequenceOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ModelCatalogue(provider.GetRequiredService<IOptions<ModelCatalogueOptions>>().Value));
        services.AddSingleton<ModelLibrary>();
        services.AddSingleton<WorkerDirectoryCache>();
        services.AddSingleton<ServedModels>();
        services.AddSingleton<WorkerDispatcher>();
        services.AddSingleton<LocalWorkers>();
        services.AddSingleton<Announcer>();
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<ModelHost>();
        services.AddSingleton<WorkerHost>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerHost>());
        services.AddPlacementDirector<WorkerPlacement, WorkerPlacementDirector>();
        return silo;
    }
}
