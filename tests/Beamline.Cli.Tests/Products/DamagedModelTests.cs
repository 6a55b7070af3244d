using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;
using Beamline.Testing.Models;

namespace Beamline.Cli.Tests.Products;

/// <summary>Model folders that cannot be used: the caller's fault, said in a line, and nothing of them stays in the cache.</summary>
public sealed class DamagedModelTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    public static TheoryData<string, string> Damages => new()
    {
        { "model.safetensors", "truncated" },
        { "model.safetensors", "garbled" },
        { "model.safetensors", "empty" },
        { "model.safetensors", "missing" },
        { "config.json", "truncated" },
        { "config.json", "garbled" },
        { "tokenizer.json", "truncated" },
        { "tokenizer.json", "missing" },
    };

    [Theory, MemberData(nameof(Damages))]
    public async Task Generate_DamagedModel_NamesTheFile(string file, string damage)
    {
        using TemporaryFolder folder = new();
        RandomGpt2.Tiny.Write(folder.Path);
        Damage(folder.PathOf(file), damage);
        CliRun run = await CliRun.Of(product.Backend, "generate", "Once", "--model", folder.Path);
        run.ShouldBeCallersFault().ShouldContain(Path.GetFileNameWithoutExtension(file));
    }

    [Fact]
    public async Task Generate_SoundModelByPath_Works()
    {
        using TemporaryFolder folder = new();
        RandomGpt2.Tiny.Write(folder.Path);
        CliRun run = await CliRun.Of(product.Backend, "generate", "Once", "--model", folder.Path, "--max-new-tokens", "4");
        run.Code.ShouldBe(0, run.Error);
        run.Output.ShouldEndWith("\n");
    }

    [Fact]
    public async Task Generate_TextWithATokenThatTheModelLacks_IsTheCallersFault_AndOthersRun()
    {
        using TemporaryFolder folder = new();
        TalesFolder.Write(folder.Path, ("[PAD]", 4096));
        CliRun refused = await CliRun.Of(product.Backend, "generate", "Once [PAD]", "--model", folder.Path);
        refused.ShouldBeCallersFault().ShouldContain("prompt is token '[PAD]' (id 4096); allowed: ids from 0 to 4095", Case.Insensitive);
        CliRun run = await CliRun.Of(product.Backend, "generate", "Once upon a time", "--model", folder.Path, "--max-new-tokens", "4");
        run.Code.ShouldBe(0, run.Error);
        run.Output.ShouldStartWith(", there was");
    }

    [Fact]
    public async Task Generate_FolderWithoutAModel_IsTheCallersFault()
    {
        using TemporaryFolder folder = new();
        (await CliRun.Of(product.Backend, "generate", "Once", "--model", folder.Path)).ShouldBeCallersFault().ShouldContain("config.json");
    }

    private static void Damage(string file, string damage)
    {
        byte[] content = File.ReadAllBytes(file);
        if (damage == "missing") File.Delete(file);
        else File.WriteAllBytes(file, damage switch
        {
            "truncated" => content[..(content.Length * 2 / 3)],
            "garbled" => [.. Enumerable.Repeat((byte)0xA5, 64), .. content[64..]],
            _ => [],
        });
    }
}
