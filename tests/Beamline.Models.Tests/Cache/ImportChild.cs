using Beamline.Abstractions.Errors;
using Beamline.Models.Catalogue;

namespace Beamline.Models.Tests.Cache;

/// <summary>
/// What the processes of <see cref="ImportProcessTests"/> and <see cref="ChangedSourceTests"/> run. It makes no folder of its own, since
/// some of them are killed.
/// </summary>
public sealed class ImportChild
{
    /// <summary>The variable that makes it stop in the middle.</summary>
    internal const string StallVariable = "BEAMLINE_TEST_STALL";

    /// <summary>The variable that names the cache.</summary>
    internal const string CacheVariable = "BEAMLINE_CACHE";

    /// <summary>The variable that names the model.</summary>
    internal const string ModelVariable = "BEAMLINE_TEST_MODEL";

    /// <summary>What it writes in the middle.</summary>
    internal const string Stalled = "stalled-in-the-middle";

    [Fact(Explicit = true)]
    public void OpensTales()
    {
        bool stall = Environment.GetEnvironmentVariable(StallVariable) is not null;
        ModelCatalogue catalogue = new(new ModelCatalogueOptions(), stall ? StallingCreate : null);
        catalogue.Open("tales");
    }

    [Fact(Explicit = true)]
    public void OpensASourceThatIsCutShort()
    {
        ModelCatalogue catalogue = new(new ModelCatalogueOptions(), WaitingCreate);
        string model = Environment.GetEnvironmentVariable(ModelVariable)!;
        Console.Out.WriteLine(Should.Throw<BeamlineException>(() => catalogue.Open(model)).Message);
    }

    // Waits, when everything is opened and nothing is read, for a line.
    private static FileStream WaitingCreate(string path)
    {
        if (path.EndsWith(".data", StringComparison.Ordinal))
        {
            Tell(Stalled);
            Console.In.ReadLine();
        }
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write);
    }

    // Writes half a file and then waits to be killed.
    private static FileStream StallingCreate(string path)
    {
        FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write);
        if (!path.EndsWith(".data", StringComparison.Ordinal)) return stream;
        stream.Write(new byte[100_000]);
        stream.Flush();
        Tell(Stalled);
        using ManualResetEventSlim never = new();
        never.Wait(TestContext.Current.CancellationToken);
        return stream;
    }

    private static void Tell(string word)
    {
        Console.Out.WriteLine(word);
        Console.Out.Flush();
    }
}
