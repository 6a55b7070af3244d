namespace Beamline.Testing;

/// <summary>A folder of its own for one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder; it exists and is empty.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("beamline-test-").FullName;

    /// <summary>A path inside it.</summary>
    public string PathOf(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Removes it with all it holds.</summary>
    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
