using Beamline.Grains.Beams;
using Beamline.Grains.Directory;
using Beamline.Grains.Durability;
using Beamline.Grains.Placement;
using Beamline.Grains.Sequences;
using Beamline.Grains.Workers;
using Beamline.Models.Catalogue;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Beamline.Grains.Hosting;

/// <summary>Makes a silo one of Beamline's.</summary>
public static class BeamlineSiloExtensions
{
    /// <summary>Adds grains, placement, the model catalogue and this silo's workers.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configuration">
    /// Sections <see cref="WorkerOptions.Section"/>, <see cref="SequenceOptions.Section"/>, <see cref="DurableOptions.Section"/> and
    /// <c>Beamline:Cache</c>.
    /// </param>
    /// <remarks>Durable requests need a default grain storage and reminders, which are the caller's to choose.</remarks>
    public static ISiloBuilder AddBeamline(this ISiloBuilder silo, IConfiguration configuration)
    {
        IServiceCollection services = silo.Services;
        services.AddOptions<WorkerOptions>().Bind(configuration.GetSection(WorkerOptions.Section)).ValidateOnStart();
        services.AddOptions<SequenceOptions>().Bind(configuration.GetSection(SequenceOptions.Section)).ValidateOnStart();
        services.AddOptions<DurableOptions>().Bind(configuration.GetSection(DurableOptions.Section)).ValidateOnStart();
        services.AddOptions<ReminderOptions>().PostConfigure<IOptions<DurableOptions>>(AllowInterval);
        services.AddOptions<ModelCatalogueOptions>().Bind(configuration.GetSection("Beamline:Cache"));
        services.AddSingleton<IValidateOptions<WorkerOptions>, WorkerOptionsValidator>();
        services.AddSingleton<IValidateOptions<SequenceOptions>, SequenceOptionsValidator>();
        services.AddSingleton<IValidateOptions<DurableOptions>, DurableOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ModelCatalogue(provider.GetRequiredService<IOptions<ModelCatalogueOptions>>().Value));
        services.AddSingleton<ModelLibrary>();
        services.AddSingleton<WorkerDirectoryCache>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ServedModels>(
            provider, provider.GetRequiredService<IOptions<SequenceOptions>>().Value.StartWait));
        services.AddSingleton<RunCodec>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<WorkerDispatcher>();
        services.AddSingleton<LocalWorkers>();
        services.AddSingleton(provider => new WorkerHealth(provider.GetRequiredService<LocalWorkers>()));
        services.AddSingleton<Announcer>();
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<ModelHost>();
        services.AddSingleton<WorkerHost>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerHost>());
        services.AddPlacementDirector<WorkerPlacement, WorkerPlacementDirector>();
        // With Orleans' older directory the loss of a silo also ends grains of others, whose entries it held.
        silo.AddDistributedGrainDirectory();
        // It would hold back grains of a lost silo until that must have noticed that it counts as lost. Here two may well run for a
        // while: both compute the same, and a worker's epoch tells who is the later one.
        silo.Configure<GrainDirectoryOptions>(options => options.RangeLeaseDuration = TimeSpan.Zero);
        return silo;
    }

    // Orleans refuses reminders that come back in less than a minute unless it is told otherwise.
    private static void AllowInterval(ReminderOptions reminders, IOptions<DurableOptions> durable)
    {
        TimeSpan interval = durable.Value.RestartInterval;
        if (interval < reminders.MinimumReminderPeriod) reminders.MinimumReminderPeriod = interval;
    }
}
