using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;
using Beamline.Models.Weights;

namespace Beamline.Models.Safetensors;

/// <summary>The weights of a Hugging Face folder: <c>model.safetensors</c>, or the shards of <c>model.safetensors.index.json</c>.</summary>
internal sealed class SafetensorsCheckpoint : ICheckpoint
{
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";
    private const int NamesShown = 20;
    private const int MaxIndexBytes = 64 << 20;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);

    private SafetensorsCheckpoint(string file) => File = file;

    /// <inheritdoc/>
    public string File { get; }

    /// <summary>All tensors.</summary>
    public IReadOnlyCollection<SafetensorsTensor> Tensors => _tensors.Values;

    /// <summary>The weight files of a folder without opening them: the single one, or the index and its shards.</summary>
    /// <exception cref="BeamlineException">There are none, or the index names a file it may not.</exception>
    public static IReadOnlyList<string> FilesOf(string folder)
    {
        string single = Path.Combine(folder, SingleName), index = Path.Combine(folder, IndexName);
        if (System.IO.File.Exists(single)) return [single];
        if (System.IO.File.Exists(index)) return [index, .. ReadIndex(index).Values.Distinct().Order(StringComparer.Ordinal)];
        string[] pickles = [.. Pickles(folder)];
        string found = pickles.Length == 0 ? "" : $" ({string.Join(", ", pickles)} is a pickle, which can run code and is never read)";
        throw ModelFile.Fault(folder, $"holds no {SingleName} and no {IndexName}{found}; convert the model to safetensors");
    }

    /// <summary>Opens the weights of a folder.</summary>
    /// <exception cref="BeamlineException">A file is missing or damaged, or the index does not fit the files.</exception>
    public static SafetensorsCheckpoint Open(string folder)
    {
        IReadOnlyList<string> files = FilesOf(folder);
        SafetensorsCheckpoint checkpoint = new(files[0]);
        try
        {
            checkpoint.Load(files);
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out IWeightTensor? tensor)
    {
        bool found = _tensors.TryGetValue(name, out SafetensorsTensor? stored);
        tensor = stored;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files) file.Dispose();
    }

    private void Load(IReadOnlyList<string> files)
    {
        bool sharded = files.Count > 1;
        foreach (string path in files.Skip(sharded ? 1 : 0))
        {
            if (!System.IO.File.Exists(path)) throw ModelFile.Fault(File, $"names the shard {Path.GetFileName(path)}, which is missing");
            SafetensorsFile file = SafetensorsFile.Open(path);
            _files.Add(file);
            foreach (SafetensorsTensor tensor in file.Tensors)
            {
                if (_tensors.TryAdd(tensor.Name, tensor)) continue;
                throw ModelFile.Fault(path, $"tensor {tensor.Name} is a duplicate: another shard has it too");
            }
        }
        if (!sharded) return;
        foreach ((string name, string path) in ReadIndex(File))
        {
            if (!_tensors.TryGetValue(name, out SafetensorsTensor? tensor) || tensor.File != path)
            {
                throw ModelFile.Fault(File, $"tensor {ModelFile.Quote(name)} is missing from {Path.GetFileName(path)}, where it should be");
            }
        }
    }

    // Tensor name to path. A shard is a plain file name: nothing outside the folder is ever opened.
    private static Dictionary<string, string> ReadIndex(string index)
    {
        string folder = Path.GetDirectoryName(index)!;
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        List<string> outside = [];
        try
        {
            using JsonDocument document = JsonDocument.Parse(ModelFile.ReadSmall(index, MaxIndexBytes));
            foreach (JsonProperty weight in document.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string shard = weight.Value.GetString() ?? "";
                if (shard.EndsWith(".safetensors", StringComparison.Ordinal) && shard.AsSpan().IndexOfAny('/', '\\', ':') < 0)
                {
                    map[weight.Name] = Path.Combine(folder, shard);
                }
                else outside.Add($"{ModelFile.Quote(weight.Name)} ('{ModelFile.Quote(shard)}')");
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw ModelFile.Fault(index, "is not valid JSON with a weight_map of tensor names to files", error);
        }
        if (outside.Count > 0)
        {
            string shown = string.Join(", ", outside.Take(NamesShown)), more = outside.Count > NamesShown ? ", ..." : "";
            throw ModelFile.Fault(index, $"names files that are no .safetensors files in its own folder: {shown}{more}");
        }
        if (map.Count == 0) throw ModelFile.Fault(index, "its weight_map is empty");
        return map;
    }

    private static IEnumerable<string> Pickles(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Select(Path.GetFileName).OfType<string>()
            .Where(name => Path.GetExtension(name) is ".bin" or ".pt" or ".pth" or ".ckpt" or ".pkl")
        : [];
}
