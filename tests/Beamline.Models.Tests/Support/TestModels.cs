using Beamline.Models.Catalogue;
using Beamline.Testing;

namespace Beamline.Models.Tests.Support;

/// <summary>Where tests find models.</summary>
public static class TestModels
{
    /// <summary>The embedded model's folder, as the repository holds it.</summary>
    public static string Tales => Repository.File("models", "tales");

    /// <summary>A catalogue over the embedded models and a cache of its own.</summary>
    public static ModelCatalogue Catalogue(TemporaryFolder cache) => new(new ModelCatalogueOptions { CacheFolder = cache.PathOf("cache") });

    /// <summary>Copies a model's folder so that a test can damage it.</summary>
    public static string Copy(string folder, TemporaryFolder target)
    {
        string copy = target.PathOf(Path.GetFileName(folder));
        Directory.CreateDirectory(copy);
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            // By content, since reference folders may be read-only and the copy is there to be changed.
            File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(file)), File.ReadAllBytes(file));
        }
        return copy;
    }
}
