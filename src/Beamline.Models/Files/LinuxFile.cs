using System.Runtime.InteropServices;

namespace Beamline.Models.Files;

/// <summary>What Linux tells about a file beyond .NET's own: which one it is, and when anything of it changed.</summary>
internal static partial class LinuxFile
{
    private const int CurrentFolder = -100;     // AT_FDCWD
    private const uint BasicStats = 0x7FF;      // STATX_BASIC_STATS

    // struct statx, which is the same on every processor.
    private const int StructBytes = 256, InodeAt = 32, SizeAt = 40, ChangedAt = 96, ModifiedAt = 112;

    /// <summary>The stamp of a file, links followed; null on other systems, without the call, and when the file is not there.</summary>
    public static FileStamp? TryStamp(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        byte[] stat = new byte[StructBytes];
        try
        {
            if (Statx(CurrentFolder, path, 0, BasicStats, stat) != 0) return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;        // an older C library
        }
        ulong inode = BitConverter.ToUInt64(stat, InodeAt);
        return new(Path.GetFileName(path), BitConverter.ToInt64(stat, SizeAt), Ticks(stat, ModifiedAt), Ticks(stat, ChangedAt), inode);
    }

    // Seconds, then nanoseconds.
    private static long Ticks(byte[] stat, int at) =>
        (BitConverter.ToInt64(stat, at) * TimeSpan.TicksPerSecond) + (BitConverter.ToUInt32(stat, at + sizeof(long)) / 100);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, [Out] byte[] result);
}
