namespace Beamline.Store;

/// <summary>Where the store writes: the folder that was named, else a temporary one that goes with the process.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "beamline-store.lock";
    private readonly FileStream _lock;
    private readonly bool _isTemporary;

    private DataFolder(string path, bool isTemporary)
    {
        Path = path;
        _isTemporary = isTemporary;
        // Two stores on one folder would spoil each other's log. The system gives the lock back however the process ends.
        _lock = new(System.IO.Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The folder; it exists.</summary>
    public string Path { get; }

    /// <summary>Makes the folder unless it is there, and takes it for this process alone.</summary>
    /// <param name="named">The folder to use; null makes a temporary one.</param>
    /// <exception cref="IOException">It cannot be made, or another store has it.</exception>
    public static DataFolder Open(string? named) => named is null
        ? new(Directory.CreateTempSubdirectory("beamline-store-").FullName, true)
        : new(Directory.CreateDirectory(named).FullName, false);

    /// <summary>Gives the folder back; removes a temporary one with all it holds.</summary>
    public void Dispose()
    {
        _lock.Dispose();
        if (_isTemporary && Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
