using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Beamline.Engine.Backends.Host;

/// <summary>
/// Address space for a large array of which only parts are in use: a part takes memory from when it is used until it is given back.
/// </summary>
/// <remarks>
/// Unix gives pages at the first touch. Windows counts memory when it is committed, touched or not, so there a part is committed before
/// its use. What was given back reads as zeros.
/// </remarks>
internal sealed unsafe partial class PagedMemory : IDisposable
{
    private const int ReadWrite = 3, Private = 2, FixedPlace = 0x10, DontNeed = 4, NoHugePage = 15;
    private const uint Commit = 0x1000, Reserve = 0x2000, Decommit = 0x4000, Release = 0x8000, PageReadWrite = 4;

    // Anonymous, and not counted as promised: Linux and macOS number these differently.
    private static readonly int Anonymous = OperatingSystem.IsMacOS() ? 0x1000 | 0x40 : 0x20 | 0x4000;

    private readonly nint _bytes;

    /// <summary>Takes address space.</summary>
    /// <param name="bytes">Its length; 1 or more.</param>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public PagedMemory(long bytes)
    {
        _bytes = checked((nint)bytes);
        if (OperatingSystem.IsWindows())
        {
            Address = VirtualAlloc(0, _bytes, Reserve, PageReadWrite);
            if (Address == 0) throw OutOfMemory(bytes);
            return;
        }
        Address = Map(0, _bytes, ReadWrite, Private | Anonymous, -1, 0);
        if (Address == -1)
        {
            Address = 0;
            throw OutOfMemory(bytes);
        }
        // A large page would take memory beside what is touched, uncounted.
        if (OperatingSystem.IsLinux()) _ = Advise(Address, _bytes, NoHugePage);
    }

    /// <summary>Bytes of a page: parts begin and end at multiples of it.</summary>
    public static int PageSize => Environment.SystemPageSize;

    /// <summary>The first byte.</summary>
    public nint Address { get; private set; }

    /// <summary>Says that a part is going to be used.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory for it.</exception>
    public void Use(nint offset, nint length)
    {
        if (!OperatingSystem.IsWindows()) return;
        if (VirtualAlloc(Address + offset, length, Commit, PageReadWrite) == 0) throw OutOfMemory(length);
    }

    /// <summary>Gives the memory of a part back.</summary>
    public void GiveBack(nint offset, nint length)
    {
        nint start = Address + offset;
        bool done = OperatingSystem.IsWindows() ? VirtualFree(start, length, Decommit)
            : OperatingSystem.IsLinux() ? Advise(start, length, DontNeed) == 0
            : Map(start, length, ReadWrite, Private | Anonymous | FixedPlace, -1, 0) == start;
        if (!done) throw new Win32Exception();
    }

    /// <summary>Linux: bytes of pages that are in memory now, as the system tells.</summary>
    public long CountResident()
    {
        byte[] pages = new byte[(_bytes + PageSize - 1) / PageSize];
        if (CheckResident(Address, _bytes, pages) != 0) throw new Win32Exception();
        return pages.Count(page => (page & 1) != 0) * (long)PageSize;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Address == 0) return;
        if (OperatingSystem.IsWindows()) VirtualFree(Address, 0, Release);
        else _ = Unmap(Address, _bytes);
        Address = 0;
        GC.SuppressFinalize(this);
    }

    private static InsufficientMemoryException OutOfMemory(long bytes) => new($"The system has no {bytes >> 20} MiB of memory.");

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nint length, int advice);

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    private static partial int CheckResident(nint address, nint length, [Out] byte[] pages);

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nint length, uint type, uint protection);

    [LibraryImport("kernel32", EntryPoint = "VirtualFree", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nint length, uint type);
}
