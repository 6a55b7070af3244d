using Beamline.ServiceDefaults.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Tests.Processes;

public sealed class ProcessHostTests : IDisposable
{
    private readonly StringWriter _errors = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _errors.Dispose();

    [Fact]
    public async Task AHost_ThatIsStopped_EndsWithSuccess()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int code = await ProcessHost.RunAsync(
            "it", () => Host(services => services.AddHostedService(_ => new Service(stop.Cancel))), _errors, null, stop.Token);
        code.ShouldBe(ExitCode.Success);
        _errors.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task WrongSettings_AreSaidALineEach_BeforeAnythingStarts()
    {
        int code = await ProcessHost.RunAsync(
            "it",
            () => Host(services =>
            {
                services.AddHostedService(_ => new Service(() => throw new InvalidOperationException("started")));
                services.AddOptions<HostOptions>().Validate(_ => false, "first").Validate(_ => false, "second").ValidateOnStart();
            }),
            _errors,
            cancellationToken: Token);

        code.ShouldBe(ExitCode.CallersFault);
        _errors.ToString().ShouldBe($"it: first{Environment.NewLine}it: second{Environment.NewLine}");
    }

    [Fact]
    public async Task AStartThatFails_StopsWhatHasStarted_AndIsOneLine()
    {
        Service first = new(() => { });
        int code = await ProcessHost.RunAsync(
            "it",
            () => Host(services => services
                .AddHostedService(_ => first)
                .AddSingleton<IHostedService>(new Service(() => throw new InvalidOperationException("no\nluck")))),
            _errors,
            cancellationToken: Token);

        code.ShouldBe(ExitCode.Failure);
        _errors.ToString().ShouldBe($"it: no luck{Environment.NewLine}");
        first.IsStopped.ShouldBeTrue();
    }

    [Fact]
    public async Task APreflightThatRefuses_KeepsTheHostFromStarting()
    {
        int code = await ProcessHost.RunAsync(
            "it",
            () => Host(services => services.AddHostedService(_ => new Service(() => throw new InvalidOperationException("started")))),
            _errors,
            (_, _) => throw new StartException(["the port is taken"]),
            Token);

        code.ShouldBe(ExitCode.CallersFault);
        _errors.ToString().ShouldBe($"it: the port is taken{Environment.NewLine}");
    }

    private static IHost Host(Action<IServiceCollection> configure)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        configure(builder.Services);
        return builder.Build();
    }

    private sealed class Service(Action start) : IHostedService
    {
        public bool IsStopped { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            IsStopped = true;
            return Task.CompletedTask;
        }
    }
}
