using System.Globalization;
using System.Runtime.InteropServices;

namespace Beamline.Engine.Sessions;

/// <summary>Linux: moves memory that is in use onto pages of 2 MB.</summary>
/// <remarks>
/// A decode step reads all weights once, and ONNX Runtime keeps them on pages of 4 KB, whose translation costs a step of GPT-2 of 124 M in
/// int8 some 8 % of its time. Only blocks that are full already are moved, so the process does not grow by it. A kernel before 6.1, or
/// one with huge pages switched off, refuses, and everything works as it did.
/// </remarks>
internal static partial class HugePages
{
    private const int BlockSize = 2 << 20;
    private const int SmallPageSize = 4096;     // of others a huge page is not 2 MB
    private const int AdviseHugePages = 14, AdviseCollapse = 25;

    /// <summary>Moves what the process has in memory now; takes about a millisecond a block.</summary>
    /// <returns>Bytes that lie on huge pages now, as far as they were looked at.</returns>
    public static long Collapse()
    {
        if (!OperatingSystem.IsLinux() || Environment.SystemPageSize != SmallPageSize) return 0;
        byte[] resident = new byte[BlockSize / SmallPageSize];
        long moved = 0;
        foreach ((nint start, nint end) in AnonymousMemory())
        {
            for (nint block = (start + BlockSize - 1) & -BlockSize; block <= end - BlockSize; block += BlockSize)
            {
                if (!IsFull(block, resident)) continue;
                // Another thread may have given the block back meanwhile.
                if (Advise(block, BlockSize, AdviseHugePages) == 0 && Advise(block, BlockSize, AdviseCollapse) == 0) moved += BlockSize;
            }
        }
        return moved;
    }

    private static bool IsFull(nint block, byte[] resident) =>
        CheckResident(block, BlockSize, resident) == 0 && !resident.AsSpan().Contains((byte)0);

    /// <summary>Readable and writable memory that belongs to no file.</summary>
    private static List<(nint Start, nint End)> AnonymousMemory()
    {
        List<(nint Start, nint End)> ranges = [];
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            // "start-end perms offset device inode path"
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields is not [{ } range, "rw-p", _, _, "0", ..]) continue;
            string[] ends = range.Split('-');
            ranges.Add((Address(ends[0]), Address(ends[1])));
        }
        return ranges;
    }

    private static nint Address(string digits) => nint.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint length, int advice);

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int CheckResident(nint address, nint length, [Out] byte[] pages);
}
