using Beamline.Cli.Parsing;

namespace Beamline.Cli.Tests.Parsing;

public sealed class SuggestionTests
{
    private static readonly string[] Known = ["--top-k", "--top-p", "--temperature", "--max-new-tokens", "--model", "generate", "models"];

    [Theory]
    [InlineData("--topk", "--top-k")]
    [InlineData("--top_p", "--top-p")]
    [InlineData("--TOP-P", "--top-p")]
    [InlineData("--temprature", "--temperature")]
    [InlineData("--temp", "--temperature")]
    [InlineData("--max-tokens", "--max-new-tokens")]
    [InlineData("genreate", "generate")]
    [InlineData("model", "models")]
    [InlineData("--colour", null)]
    [InlineData("x", null)]
    public void For_AWord_FindsTheNearestOrNone(string word, string? expected) => Suggestion.For(word, Known).ShouldBe(expected);
}
