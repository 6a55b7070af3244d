using Beamline.Architecture.Tests.Rules;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests;

public sealed class ProjectOrderTests
{
    private static IEnumerable<SourceFile> Products => SourceTree.Projects.Where(project => !project.IsTest);

    [Fact]
    public void Products_References_PointDownTheOrder() => Products.SelectMany(ProjectOrder.Violations).ShouldBeEmpty();

    [Fact]
    public void Products_OfTheDesign_AreAllThere() =>
        Products.Select(project => Path.GetFileNameWithoutExtension(project.Path)).ShouldBe(ProjectOrder.Known, ignoreOrder: true);

    [Fact]
    public void Products_EachInSrc_HasATestProject()
    {
        string[] tests = [.. SourceTree.Projects.Where(project => project.IsTest).Select(NameOf)];
        Products.Where(project => project.Path.StartsWith("src/", StringComparison.Ordinal))
            .Select(project => $"{NameOf(project)}.Tests").ShouldBeSubsetOf(tests);
    }

    [Fact]
    public void Products_ReferenceNoTests() =>
        Products.Where(project => project.Text.Replace('\\', '/').Contains("tests/", StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [InlineData("Beamline.Decoding", "<ProjectReference Include=\"..\\X\\Beamline.Models.csproj\" />", "may not reference Beamline.Models")]
    [InlineData("Beamline.Engine", "<ProjectReference Include=\"..\\X\\Beamline.Grains.csproj\" />", "may not reference Beamline.Grains")]
    [InlineData("Beamline.Abstractions", "<PackageReference Include=\"Microsoft.Orleans.Server\" />", "may not use the package")]
    [InlineData("Beamline.Grains", "<UseOnnxRuntime>true</UseOnnxRuntime>", "may not use ONNX Runtime")]
    [InlineData("Beamline.Other", "", "no place in the dependency order")]
    public void Violations_OfABrokenProject_AreSeen(string name, string element, string expected)
    {
        SourceFile broken = new($"src/{name}/{name}.csproj", $"<Project><X>{element}</X></Project>");
        ProjectOrder.Violations(broken).ShouldHaveSingleItem().ShouldContain(expected);
    }

    private static string NameOf(SourceFile project) => Path.GetFileNameWithoutExtension(project.Path);
}
