using Beamline.Architecture.Tests.Rules;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests;

public sealed class FileLayoutTests
{
    [Fact]
    public void Code_Everywhere_StandsWhereItsNameSays() => SourceTree.Code.SelectMany(FileLayout.Violations).ShouldBeEmpty();

    [Fact]
    public void Code_IsFound() => SourceTree.Code.Count().ShouldBeGreaterThan(50);

    [Theory]
    [InlineData("src/Beamline.X/A/B.cs", "namespace Beamline.X;\n\npublic class B;", "the namespace is Beamline.X.A")]
    [InlineData("src/Beamline.X/B.cs", "public class B;", "not none")]
    [InlineData("src/Orleans/B.cs", "namespace Orleans;\n\npublic class B;", "begins with Orleans")]
    [InlineData("src/Beamline.X/B.cs", "namespace Beamline.X;\n\npublic sealed record C;", "its type is C")]
    [InlineData("src/Beamline.X/B.cs", "namespace Beamline.X;\n\npublic class B;\n\npublic enum C { A }", "C wants a file of its own")]
    [InlineData("src/Beamline.X/B.cs", "namespace Beamline.X;\n\nclass B;\n\nclass C : IEquatable<B>;", "C wants a file of its own")]
    public void Violations_OfABrokenFile_AreSeen(string path, string text, string expected) =>
        FileLayout.Violations(new(path, text)).ShouldHaveSingleItem().ShouldContain(expected);

    [Theory]
    [InlineData("src/Beamline.X/B.cs", "namespace Beamline.X;\n\nabstract record B(int P);\n\nsealed record C(int P, int[] Q) : B(P);")]
    [InlineData("src/Beamline.X/B.Log.cs", "namespace Beamline.X;\n\ninternal sealed partial class B\n{\n    private class Nested;\n}\n")]
    [InlineData("src/Beamline.X/Program.cs", "using System;\nConsole.WriteLine(1);")]
    [InlineData("AppHost/Parts/B.cs", "namespace Beamline.AppHost.Parts;\n\nclass B;")]
    [InlineData("tests/Beamline.X.Tests/C/B.cs", "namespace Beamline.X.Tests.C;\n\npublic readonly ref struct B;")]
    public void Violations_OfASoundFile_AreNone(string path, string text) => FileLayout.Violations(new(path, text)).ShouldBeEmpty();
}
