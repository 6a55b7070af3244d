using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Models.Safetensors;
using Beamline.Models.Weights;

namespace Beamline.Models.Catalogue;

/// <summary>A Hugging Face folder that a model is made from.</summary>
/// <param name="Name">The folder's own name.</param>
/// <param name="Folder">Its full path.</param>
internal sealed record ModelSource(string Name, string Folder)
{
    /// <summary>The file that makes a folder a model.</summary>
    public const string ConfigName = "config.json";

    /// <summary>The tokenizer's file.</summary>
    public const string TokenizerName = "tokenizer.json";

    private const int PieceBytes = 1 << 20;
    private static readonly string[] SmallFiles = [ConfigName, "generation_config.json", TokenizerName, "tokenizer_config.json"];

    /// <summary>Whether a folder looks like a model.</summary>
    public static bool IsModel(string folder) => File.Exists(Path.Combine(folder, ConfigName));

    /// <summary>A folder as a source.</summary>
    public static ModelSource At(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return new ModelSource(Path.GetFileName(full), full);
    }

    /// <summary>A file of the folder.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>The files that decide what the model computes, with their sizes and times: equal stamps mean unchanged files.</summary>
    /// <exception cref="BeamlineException">The weights are missing.</exception>
    public string Stamp()
    {
        StringBuilder stamp = new();
        foreach (string file in Files())
        {
            FileInfo info = new(file);
            stamp.Append(info.Name).Append('|').Append(info.Exists ? info.Length : -1);
            stamp.Append('|').Append(info.LastWriteTimeUtc.Ticks).Append('\n');
        }
        return stamp.ToString();
    }

    /// <summary>A hash of names and content of those files, in hexadecimal.</summary>
    /// <exception cref="BeamlineException">A file is missing or cannot be read.</exception>
    public string ComputeHash()
    {
        XxHash128 hash = new();
        foreach (string file in Files())
        {
            if (!File.Exists(file)) continue;
            hash.Append(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\0{new FileInfo(file).Length}\0"));
            Append(hash, file);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>The hash of one file's content, in hexadecimal.</summary>
    public static string HashOf(string file)
    {
        XxHash128 hash = new();
        Append(hash, file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private IEnumerable<string> Files() => SmallFiles.Select(PathOf).Concat(SafetensorsCheckpoint.FilesOf(Folder));

    private static void Append(XxHash128 hash, string file)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            for (int read; (read = stream.Read(piece)) > 0;) hash.Append(piece.AsSpan(0, read));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ModelFile.Fault(file, $"cannot be read ({error.Message})", error);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
