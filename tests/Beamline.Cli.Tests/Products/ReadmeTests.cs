using System.Text.RegularExpressions;
using Beamline.Cli.Tests.Fakes;
using Beamline.Testing;

namespace Beamline.Cli.Tests.Products;

/// <summary>What README.md shows is what the tool prints.</summary>
public sealed partial class ReadmeTests(ProductFixture product) : IClassFixture<ProductFixture>
{
    public static TheoryData<string, string> Transcripts =>
        [.. Transcript().Matches(File.ReadAllText(Repository.File("README.md"))).Select(
            match => (match.Groups["arguments"].Value, match.Groups["output"].Value))];

    [Theory, MemberData(nameof(Transcripts))]
    public async Task Generate_AsInTheReadme_PrintsWhatStandsThere(string arguments, string output)
    {
        string[] args = [.. Argument().Matches(arguments).Select(match => match.Value.Trim('"'))];
        (await CliRun.Of(product.Backend, ["generate", .. args])).ShouldBe(new CliRun(0, output, ""));
    }

    // A call of generate, then lines up to an empty one before the next prompt, or to the end of the block.
    [GeneratedRegex(@"^\$ .*\bgenerate (?<arguments>.+)\n(?<output>(?:(?!\$ |```).*\n)+?)(?=\n\$ |```)", RegexOptions.Multiline)]
    private static partial Regex Transcript();

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Argument();
}
