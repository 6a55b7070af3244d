namespace Beamline.Models.Catalogue;

/// <summary>Where models are looked for and kept.</summary>
public sealed class ModelCatalogueOptions
{
    /// <summary>
    /// The folder for imported models. Default: <c>BEAMLINE_CACHE</c>, else <c>XDG_CACHE_HOME/beamline</c>, else
    /// <c>~/.cache/beamline</c>; on Windows <c>beamline</c> in the local application data.
    /// </summary>
    public string CacheFolder { get; set; } = DefaultCacheFolder();

    /// <summary>Holds a Hugging Face folder for each model that comes with the program. Default: <c>models</c> beside it.</summary>
    public string EmbeddedFolder { get; set; } = Path.Combine(AppContext.BaseDirectory, "models");

    private static string DefaultCacheFolder()
    {
        if (Environment.GetEnvironmentVariable("BEAMLINE_CACHE") is { Length: > 0 } named) return Path.GetFullPath(named);
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "beamline");
        }
        // The specification has relative paths in the variable ignored.
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (Path.IsPathFullyQualified(xdg ?? "")) return Path.Combine(xdg!, "beamline");
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home.Length > 0 ? Path.Combine(home, ".cache") : Path.GetTempPath(), "beamline");
    }
}
