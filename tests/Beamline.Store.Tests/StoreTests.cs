using System.Net;
using System.Net.Sockets;
using System.Text;
using Beamline.ServiceDefaults.Health;
using Beamline.ServiceDefaults.Processes;
using Beamline.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Beamline.Store.Tests;

public sealed class StoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_Started_AnswersItsProtocolAndIsReady()
    {
        await using WebApplication store = await StartAsync();

        (await AskAsync(store, "PING")).ShouldBe("+PONG\r\n");
        using HttpClient http = new() { BaseAddress = new(store.Urls.Single()) };
        (await http.GetAsync(HealthEndpoints.Ready, Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Store_OnTheSameFolderAgain_HasWhatItAcknowledged()
    {
        using TemporaryFolder folder = new();
        await using (WebApplication store = await StartAsync("--Beamline:Store:DataFolder", folder.Path))
        {
            (await AskAsync(store, "SET place here")).ShouldBe("+OK\r\n");
            await store.StopAsync(Token);
        }

        await using WebApplication again = await StartAsync("--Beamline:Store:DataFolder", folder.Path);
        (await AskAsync(again, "GET place")).ShouldBe("$4\r\nhere\r\n");
    }

    [Fact]
    public async Task Store_WithoutFolder_LeavesNothingBehind()
    {
        await using WebApplication store = await StartAsync();
        string folder = store.Services.GetRequiredService<StoreService>().Folder.ShouldNotBeNull();
        Directory.Exists(folder).ShouldBeTrue();
        await store.StopAsync(Token);
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task Store_OnAFolderInUse_IsRefusedInOneLine()
    {
        using TemporaryFolder folder = new();
        await using WebApplication store = await StartAsync("--Beamline:Store:DataFolder", folder.Path);

        StartException refusal = await Should.ThrowAsync<StartException>(() => StartAsync("--Beamline:Store:DataFolder", folder.Path));
        refusal.Lines.ShouldHaveSingleItem().ShouldContain("Beamline:Store:DataFolder");
    }

    [Fact]
    public async Task Store_OnAPortInUse_IsRefusedInOneLine()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        StartException refusal = await Should.ThrowAsync<StartException>(() => StartAsync("--Beamline:Store:Port", $"{port}"));
        refusal.Lines.ShouldHaveSingleItem().ShouldStartWith($"Beamline:Store:Port is {port}, which another process listens on");
    }

    [Fact]
    public async Task Settings_ThatAreWrong_AreAllNamed()
    {
        await using WebApplication store = StoreProcess.Build(
        [
            "--Beamline:Store:Address", "here", "--Beamline:Store:Port", "70000", "--Beamline:Store:MemoryMegabytes", "lots",
            "--Beamline:Store:IndexMegabytes", "3", "--Beamline:Store:Folder", "x",
        ]);

        Should.Throw<StartException>(() => ProcessHost.CheckSettings(store.Services)).Lines.ShouldBe(
        [
            "Beamline:Store:Folder is not a setting; Beamline:Store has Address, Port, DataFolder, MemoryMegabytes, IndexMegabytes, "
                + "LogMegabytes",
            "Beamline:Store:MemoryMegabytes is 'lots'; allowed: a whole number",
            "Beamline:Store:Port is 70000; allowed: 0 to 65535",
            "Beamline:Store:Address is 'here'; allowed: an IP address of this machine",
            "Beamline:Store:IndexMegabytes is 3; allowed: a power of 2",
        ]);
    }

    private static async Task<WebApplication> StartAsync(params string[] settings)
    {
        WebApplication store = StoreProcess.Build(["--urls", "http://127.0.0.1:0", .. settings]);
        try
        {
            await store.StartAsync(Token);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static async Task<string> AskAsync(WebApplication store, string command)
    {
        IPEndPoint endpoint = store.Services.GetRequiredService<StoreService>().Endpoint.ShouldNotBeNull();
        using TcpClient client = new();
        await client.ConnectAsync(endpoint, Token);
        NetworkStream stream = client.GetStream();
        string[] words = command.Split(' ');
        string request = $"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
        byte[] answer = new byte[256];
        int length = await stream.ReadAsync(answer, Token);
        return Encoding.ASCII.GetString(answer, 0, length);
    }
}
