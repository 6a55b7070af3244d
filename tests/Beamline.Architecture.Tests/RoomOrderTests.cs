using Beamline.Architecture.Tests.Rules;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests;

/// <summary>
/// Rooms of a project use each other in one direction only: a room can be understood, tested and moved with those below it.
/// </summary>
public sealed class RoomOrderTests
{
    private static readonly (string Path, string Text)[] Sound =
    [
        ("Lower/A.cs", "namespace Beamline.X.Lower;\n\n/// <summary>See <see cref=\"B\"/>.</summary>\npublic class A;"),
        ("Upper/B.cs", "using Beamline.X.Lower;\n\nnamespace Beamline.X.Upper;\n\npublic class B { A one; }"),
        ("Start.cs", "using Beamline.X.Upper;\n\nnamespace Beamline.X;\n\nstatic class Start { public static int Go(this B b) => 1; }"),
    ];

    public static TheoryData<string> Projects =>
        [.. SourceTree.Code.Where(file => !file.IsTest).Select(ProjectOf).Distinct()];

    [Theory, MemberData(nameof(Projects))]
    public void Rooms_OfAProject_UseEachOtherInNoCircle(string project) =>
        new RoomGraph(SourceTree.Code.Where(file => ProjectOf(file) == project)).Circles().ShouldBeEmpty();

    [Fact]
    public void Circles_OfSoundRooms_AreNone() =>
        CirclesWith("Other.cs", "namespace Beamline.X;\n\nclass Other { Upper.B b; }").ShouldBeEmpty();

    /// <summary>Each file closes a circle with those above, in another way.</summary>
    [Theory]
    [InlineData("using Beamline.X.Upper;\n\nnamespace Beamline.X.Lower;\n\nclass C;", "X.Lower uses Beamline.X.Upper (C.cs: using)")]
    [InlineData("namespace Beamline.X.Lower;\n\nclass C { Upper.B b; }", "Beamline.X.Lower uses Beamline.X.Upper (C.cs: Upper.B)")]
    [InlineData("namespace Beamline.X.Lower;\n\nclass C { Beamline.X.Upper.B b; }", "uses Beamline.X.Upper (C.cs: Beamline.X.Upper.B)")]
    [InlineData("using K = Beamline.X.Upper.B;\n\nnamespace Beamline.X.Lower;\n\nclass C { K b; }", "uses Beamline.X.Upper (C.cs: ")]
    [InlineData("using static Beamline.X.Upper.B;\n\nnamespace Beamline.X.Lower;\n\nclass C;", "uses Beamline.X.Upper (C.cs: ")]
    [InlineData("namespace Beamline.X.Lower;\n\nclass C { string s = $\"{Start.Go(null)}\"; }", "uses Beamline.X (C.cs: Start.Go)")]
    [InlineData("namespace Beamline.X.Lower;\n\nclass C { int I => this.It().Go(); }", "Beamline.X.Lower uses Beamline.X (C.cs: Go)")]
    [InlineData("namespace Beamline.X.Lower;\n\nclass C(Start start);", "Beamline.X.Lower uses Beamline.X (C.cs: Start)")]
    public void Circles_OfABrokenTwin_AreSeen(string text, string expected) =>
        CirclesWith("Lower/C.cs", text).ShouldHaveSingleItem().ShouldContain(expected);

    [Fact]
    public void Circles_ThroughAUsingForTheWholeProject_AreSeen() =>
        CirclesWith("Usings.cs", "global using Beamline.X.Upper;", ("Lower/C.cs", "namespace Beamline.X.Lower;\n\nclass C { B b; }"))
            .ShouldHaveSingleItem().ShouldContain("Beamline.X.Lower uses Beamline.X.Upper (C.cs: B)");

    private static IEnumerable<string> CirclesWith(string path, string text, params (string Path, string Text)[] others)
    {
        IEnumerable<(string Path, string Text)> files = [.. Sound, (path, text), .. others];
        return new RoomGraph(files.Select(file => new SourceFile($"src/Beamline.X/{file.Path}", file.Text))).Circles();
    }

    private static string ProjectOf(SourceFile file) =>
        string.Join('/', file.Path.Split('/').Take(file.Path.StartsWith("src/", StringComparison.Ordinal) ? 2 : 1));
}
