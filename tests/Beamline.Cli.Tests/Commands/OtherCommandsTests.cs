using System.Text.Json;
using Beamline.Cli.Tests.Fakes;

namespace Beamline.Cli.Tests.Commands;

public sealed class OtherCommandsTests
{
    private readonly FakeBackend _backend = new();

    [Fact]
    public async Task Models_NotToATerminal_AreLinesOfColumns() =>
        (await CliRun.Of(_backend, "models")).ShouldBe(new CliRun(
            0, "tales\tgpt2\t3.4M\t13.0 MiB\tfp32\t256\ntales@int8\tgpt2\t3.4M\t3.2 MiB\tint8\t256\n", ""));

    [Fact]
    public async Task Models_Json_IsAList()
    {
        CliRun run = await CliRun.Of(_backend, "models", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        document.RootElement.GetArrayLength().ShouldBe(2);
        JsonElement first = document.RootElement[0];
        first.GetProperty("name").GetString().ShouldBe("tales");
        first.GetProperty("parameters").GetInt64().ShouldBe(3_400_000);
        first.GetProperty("context_length").GetInt32().ShouldBe(256);
    }

    [Fact]
    public async Task Tokenize_Text_ShowsIdsAndPieces() =>
        (await CliRun.Of(_backend, "tokenize", "a\né<end>")).ShouldBe(new CliRun(
            0, "     97  \"a\"\n     10  \"\\n\"\n    195  \"<0xC3>\"\n    169  \"<0xA9>\"\n    256  \"<end>\"\n", ""));

    [Fact]
    public async Task Tokenize_Json_HoldsBoth() =>
        (await CliRun.WithInput(_backend, "hi\n", "tokenize", "-", "--json")).Output
            .ShouldBe("""{"ids":[104,105],"pieces":["h","i"]}""" + "\n");

    [Fact]
    public async Task Tokenize_EmptyText_ShowsNothing() => (await CliRun.Of(_backend, "tokenize", "")).ShouldBe(new CliRun(0, "", ""));
}
