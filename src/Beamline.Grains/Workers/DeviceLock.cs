using System.Globalization;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>Keeps a device of this machine for one process. The system gives it back however the process ends.</summary>
/// <remarks>It holds between processes that share a cache folder, as those of one user do.</remarks>
internal sealed class DeviceLock : IDisposable
{
    private readonly FileStream _file;

    private DeviceLock(FileStream file) => _file = file;

    /// <summary>Takes a device.</summary>
    /// <param name="folder">Where the lock files are; made when missing.</param>
    /// <param name="device">The device's name.</param>
    /// <exception cref="OptionsValidationException">
    /// Another process has it, or the folder cannot be written: a line that names which.
    /// </exception>
    public static DeviceLock Take(string folder, string device)
    {
        string path = Path.Combine(folder, $"{device.Replace(':', '-')}.lock");
        FileStream? file = null;
        try
        {
            System.IO.Directory.CreateDirectory(folder);
            file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(HolderFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new(file);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Refused($"has '{device}', which cannot be locked: {e.Message}");
        }
        catch (IOException) when (file is null && File.Exists(path))
        {
            throw Refused($"has '{device}', which {HolderOf(path)} holds; allowed: a device that no other process of this machine has");
        }
        catch (IOException e)
        {
            file?.Dispose();
            throw Refused($"has '{device}', which cannot be locked: {e.Message}");
        }
    }

    /// <summary>Gives the device back.</summary>
    public void Dispose() => _file.Dispose();

    // A file of its own: the one that is held cannot be read.
    private static string HolderFile(string path) => $"{path}.pid";

    private static string HolderOf(string path)
    {
        try
        {
            return $"process {int.Parse(File.ReadAllText(HolderFile(path)), CultureInfo.InvariantCulture)}";
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return "another process";       // which has taken it this moment
        }
    }

    private static OptionsValidationException Refused(string problem)
    {
        const string setting = $"{WorkerOptions.Section}:{nameof(WorkerOptions.Devices)}";
        return new(setting, typeof(WorkerOptions), [$"{setting} {problem}"]);
    }
}
