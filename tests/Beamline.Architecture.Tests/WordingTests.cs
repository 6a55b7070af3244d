using Beamline.Architecture.Tests.Rules;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests;

public sealed class WordingTests
{
    [Fact]
    public void Texts_Everywhere_HoldNothingForbidden() => SourceTree.All.SelectMany(Wording.Violations).ShouldBeEmpty();

    [Fact]
    public void Texts_OfAllKinds_AreRead() =>
        new[] { "docs/design.md", "Directory.Build.props", ".editorconfig", "src/Beamline.Cli/Beamline.Cli.csproj" }
            .ShouldBeSubsetOf(SourceTree.All.Select(file => file.Path));

    // The samples are put together here, so that they are not found in this file.
    [Theory]
    [InlineData("docs/a.md", "see /ho|me/me/x", "a path of one machine")]
    [InlineData("docs/a.md", "C:\\Us|ers\\me", "a path of one machine")]
    [InlineData("src/B/a.cs", "// TO|DO later", "work left undone")]
    [InlineData("src/B/a.cs", "throw new NotImplemented|Exception();", "work left undone")]
    [InlineData("README.md", "a\n<<<|<<<< HEAD", "a merge conflict")]
    [InlineData("src/B/a.cs", "x.GetAwaiter().GetRes|ult();", "blocks a thread")]
    [InlineData("src/B/a.cs", "#pragma warning dis|able CA1", "a suppression covers one line")]
    [InlineData("tests/B/a.cs", "await Task.De|lay(100);", "not for time")]
    [InlineData("tests/B/a.cs", "Thread.Sl|eep(1);", "not for time")]
    public void Violations_OfABrokenText_AreSeen(string path, string text, string expected) =>
        Wording.Violations(new(path, text.Replace("|", "", StringComparison.Ordinal))).ShouldHaveSingleItem().ShouldContain(expected);

    [Theory]
    [InlineData("docs/a.md", "GET /v1/models, the folder ../shared and https://example.org/home/x")]
    [InlineData("tests/B/a.cs", "await Task.Delay(Timeout.InfiniteTimeSpan, token);")]
    [InlineData("src/B/a.cs", "await Task.De|lay(delay, time, token);")]
    public void Violations_OfASoundText_AreNone(string path, string text) =>
        Wording.Violations(new(path, text.Replace("|", "", StringComparison.Ordinal))).ShouldBeEmpty();
}
