using Beamline.Models.Catalogue;

namespace Beamline.Models.Tests.Cache;

/// <summary>
/// What the processes of <see cref="ImportProcessTests"/> run. It makes no folder of its own, since some of them are killed.
/// </summary>
public sealed class ImportChild
{
    /// <summary>The variable that makes it stop in the middle.</summary>
    internal const string StallVariable = "BEAMLINE_TEST_STALL";

    /// <summary>What it writes there.</summary>
    internal const string Stalled = "stalled-in-the-middle";

    [Fact(Explicit = true)]
    public void OpensTales()
    {
        bool stall = Environment.GetEnvironmentVariable(StallVariable) is not null;
        ModelCatalogue catalogue = new(new ModelCatalogueOptions(), stall ? StallingCreate : null);
        catalogue.Open("tales");
    }

    // Writes half a file and then waits to be killed.
    private static FileStream StallingCreate(string path)
    {
        FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write);
        if (!path.EndsWith(".data", StringComparison.Ordinal)) return stream;
        stream.Write(new byte[100_000]);
        stream.Flush();
        Console.Out.WriteLine(Stalled);
        Console.Out.Flush();
        using ManualResetEventSlim never = new();
        never.Wait(TestContext.Current.CancellationToken);
        return stream;
    }
}
