using Beamline.Abstractions.Errors;
using Beamline.Models.Files;
using Microsoft.Win32.SafeHandles;

namespace Beamline.Models.Safetensors;

/// <summary>A safetensors file, held open and read where it is asked for.</summary>
/// <remarks>
/// It is not mapped into memory: when a mapped file is cut short, looking at what is gone ends the process (SIGBUS), and no error can be
/// told. Safe for concurrent use.
/// </remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _fileBytes;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        (File, _handle, _fileBytes) = (path, handle, RandomAccess.GetLength(handle));
        byte[] start = new byte[Math.Min(SafetensorsHeader.PrefixBytes, _fileBytes)];
        ReadAt(null, 0, start);
        byte[] header = new byte[SafetensorsHeader.ReadLength(path, start, _fileBytes)];
        ReadAt(null, SafetensorsHeader.PrefixBytes, header);
        _dataStart = SafetensorsHeader.PrefixBytes + header.Length;
        IReadOnlyList<TensorEntry> entries = SafetensorsHeader.Parse(path, header, _fileBytes - _dataStart);
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
        SafeFileHandle? handle = null;
        try
        {
            // Tensors are asked for in about the order in which they lie in the file.
            handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
            SafetensorsFile file = new(path, handle);
            handle = null;
            return file;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ModelFile.Fault(path, $"cannot be read ({error.Message})", error);
        }
        finally
        {
            handle?.Dispose();
        }
    }

    /// <summary>Reads bytes of a tensor.</summary>
    /// <param name="tensor">Which one.</param>
    /// <param name="start">The first byte, counted from the tensor's own.</param>
    /// <param name="destination">Receives its length of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">They are not all the tensor's.</exception>
    /// <exception cref="BeamlineException">The file became shorter since it was opened, or cannot be read any more.</exception>
    public void Read(TensorEntry tensor, long start, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + destination.Length, tensor.End - tensor.Begin, nameof(start));
        ReadAt(tensor, _dataStart + tensor.Begin + start, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    // Without a tensor: of the header.
    private void ReadAt(TensorEntry? tensor, long position, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(_handle, destination, position);
                if (read == 0) throw Fault(tensor, EndedEarly(RandomAccess.GetLength(_handle)));
                destination = destination[read..];
                position += read;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Fault(tensor, $"cannot be read ({error.Message})", error);
        }
    }

    private string EndedEarly(long bytes) => $"ended early: the file had {_fileBytes} bytes when it was opened and has {bytes} now";

    private BeamlineException Fault(TensorEntry? tensor, string reason, Exception? inner = null) =>
        ModelFile.Fault(File, $"{(tensor is null ? "header" : $"tensor {ModelFile.Quote(tensor.Name)}")} {reason}", inner);
}
