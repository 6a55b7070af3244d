using Beamline.Client.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;

namespace Beamline.Client.Tests;

public sealed class BeamlineClientServicesTests
{
    [Fact]
    public void AddBeamlineClient_CalledTwice_GivesOneClient()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IGrainFactory>(new FakeCluster())
            .AddBeamlineClient(options => options.MaxRetries = 3)
            .AddBeamlineClient()
            .BuildServiceProvider();
        services.GetServices<BeamlineClient>().ShouldHaveSingleItem();
        services.GetRequiredService<IOptions<BeamlineClientOptions>>().Value.MaxRetries.ShouldBe(3);
    }

    [Fact]
    public void AddBeamlineClient_SettingsOutOfRange_NamesAllOfThem()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IGrainFactory>(new FakeCluster())
            .AddBeamlineClient(options =>
            {
                options.MaxRetries = -1;
                options.CancelTime = TimeSpan.FromHours(2);
            })
            .BuildServiceProvider();
        OptionsValidationException failure = Should.Throw<OptionsValidationException>(services.GetRequiredService<BeamlineClient>);
        failure.Message.ShouldContain(nameof(BeamlineClientOptions.MaxRetries));
        failure.Message.ShouldContain(nameof(BeamlineClientOptions.CancelTime));
    }
}
