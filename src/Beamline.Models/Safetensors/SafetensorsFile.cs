using System.IO.MemoryMappedFiles;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Safetensors;

/// <summary>A safetensors file, mapped into memory: only the pages that are read take memory.</summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private readonly long _dataBytes;
    private bool _disposed;

    private SafetensorsFile(string path)
    {
        File = path;
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        long fileBytes = stream.Length;
        byte[] start = new byte[SafetensorsHeader.PrefixBytes];
        stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        int headerBytes = SafetensorsHeader.ReadLength(path, start, fileBytes);
        byte[] header = new byte[headerBytes];
        stream.ReadExactly(header);
        _dataBytes = fileBytes - SafetensorsHeader.PrefixBytes - headerBytes;
        IReadOnlyList<TensorEntry> entries = SafetensorsHeader.Parse(path, header, _dataBytes);
        _map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* view = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref view);
        _data = view + _view.PointerOffset + SafetensorsHeader.PrefixBytes + headerBytes;
        Tensors = [.. entries.Select(entry => new SafetensorsTensor(this, entry))];
    }

    /// <summary>Its path.</summary>
    public string File { get; }

    /// <summary>All tensors, by position.</summary>
    public IReadOnlyList<SafetensorsTensor> Tensors { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="BeamlineException">It is missing, unreadable or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        try
        {
            return new SafetensorsFile(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ModelFile.Fault(path, $"cannot be read ({error.Message})", error);
        }
    }

    /// <summary>Bytes of the data part.</summary>
    /// <param name="begin">Counted from the end of the header.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not all in the file.</exception>
    public ReadOnlySpan<byte> Bytes(long begin, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(begin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(begin + count, _dataBytes, nameof(count));
        return new ReadOnlySpan<byte>(_data + begin, count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }
}
