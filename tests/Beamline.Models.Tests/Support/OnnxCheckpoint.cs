using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using Beamline.Models.Graphs.Onnx;
using Beamline.Models.Weights;

namespace Beamline.Models.Tests.Support;

/// <summary>The weights inside a reference graph, under the names of a checkpoint, so that the same model can be built anew.</summary>
internal sealed class OnnxCheckpoint : ICheckpoint
{
    private readonly Dictionary<string, IWeightTensor> _tensors = new(StringComparer.Ordinal);

    public OnnxCheckpoint(string graph)
    {
        File = graph;
        string folder = Path.GetDirectoryName(graph)!;
        Dictionary<string, byte[]> files = [];
        foreach (TensorProto tensor in ModelProto.Parser.ParseFrom(System.IO.File.ReadAllBytes(graph)).Graph.Initializer)
        {
            if (tensor.DataType != (int)TensorProto.Types.DataType.Float) continue;
            string name = tensor.Name is "wte.weight" or "wpe.weight" ? $"transformer.{tensor.Name}" : tensor.Name;
            _tensors[name] = new Tensor(name, graph, [.. tensor.Dims], Read(tensor, folder, files));
        }
    }

    public string File { get; }

    public bool TryGet(string name, [NotNullWhen(true)] out IWeightTensor? tensor) => _tensors.TryGetValue(name, out tensor);

    public void Dispose()
    {
    }

    private static float[] Read(TensorProto tensor, string folder, Dictionary<string, byte[]> files)
    {
        if (tensor.ExternalData.Count == 0) return MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();
        Dictionary<string, string> where = tensor.ExternalData.ToDictionary(entry => entry.Key, entry => entry.Value);
        string file = Path.Combine(folder, where["location"]);
        if (!files.TryGetValue(file, out byte[]? bytes)) files[file] = bytes = System.IO.File.ReadAllBytes(file);
        return MemoryMarshal.Cast<byte, float>(bytes.AsSpan(Number("offset"), Number("length"))).ToArray();

        int Number(string key) => int.Parse(where[key], CultureInfo.InvariantCulture);
    }

    private sealed record Tensor(string Name, string File, IReadOnlyList<long> Shape, float[] Values) : IWeightTensor
    {
        public long Count => Values.Length;

        public string? Unreadable => null;

        public void Read(long start, Span<float> destination) => Values.AsSpan((int)start, destination.Length).CopyTo(destination);
    }
}
