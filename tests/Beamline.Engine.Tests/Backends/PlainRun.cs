using Beamline.Abstractions.Workers;
using Beamline.Engine.Sessions;
using Beamline.Models.Catalogue;
using Beamline.Models.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Tests.Backends;

/// <summary>
/// A graph run for one sequence at a time over plain arrays: nothing bound, nothing in place, nobody beside it. What every backend's
/// passes have to agree with.
/// </summary>
internal sealed class PlainRun(CachedModel model) : IDisposable
{
    private readonly InferenceSession _session = new OnnxLoader(model.GraphPath, model.Description, threads: 1).Load();
    private readonly RunOptions _options = new();

    private ModelDescription Description => model.Description;

    /// <summary>A sequence without positions.</summary>
    public Sequence Begin() => new(this);

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    /// <summary>One sequence: its keys and values after every pass so far.</summary>
    internal sealed class Sequence(PlainRun owner)
    {
        private readonly Dictionary<string, byte[]> _past = [];
        private int _length;

        /// <summary>The same sequence, to go another way.</summary>
        public Sequence Fork()
        {
            Sequence fork = new(owner) { _length = _length };
            foreach ((string name, byte[] past) in _past) fork._past[name] = [.. past];
            return fork;
        }

        /// <summary>Computes tokens and gives the logits of the last.</summary>
        public float[] Append(params ReadOnlySpan<int> tokens)
        {
            long[] ids = [.. tokens.ToArray().Select(token => (long)token)];
            long[] positions = [.. Enumerable.Range(_length, ids.Length).Select(position => (long)position)];
            _length += ids.Length;
            List<(string Name, OrtValue Value)> inputs =
            [
                (GraphNames.InputIds, OrtValue.CreateTensorValueFromMemory(ids, [1, ids.Length])),
                (GraphNames.PositionIds, OrtValue.CreateTensorValueFromMemory(positions, [1, ids.Length])),
                (GraphNames.LastPositions, OrtValue.CreateTensorValueFromMemory<int>([_length - 1], [1])),
                (GraphNames.TotalLength, OrtValue.CreateTensorValueFromMemory<int>([_length], [])),
                (GraphNames.LogitsIndex, OrtValue.CreateTensorValueFromMemory<long>([ids.Length - 1], [1])),
            ];
            List<(string Past, string Present)> kept = [];
            KvLayout kv = owner.Description.Kv;
            for (int layer = 0; layer < kv.Layers.Length; layer++)
            {
                kept.Add((GraphNames.PastKey(layer), GraphNames.PresentKey(layer)));
                kept.Add((GraphNames.PastValue(layer), GraphNames.PresentValue(layer)));
                foreach ((string past, _) in kept[^2..]) inputs.Add((past, Past(past, kv.Layers[layer])));
            }
            string[] outputs = [GraphNames.Logits, .. kept.Select(pair => pair.Present)];
            using IDisposableReadOnlyCollection<OrtValue> results = owner._session.Run(
                owner._options, [.. inputs.Select(input => input.Name)], [.. inputs.Select(input => input.Value)], outputs);
            for (int i = 0; i < kept.Count; i++) _past[kept[i].Past] = results[i + 1].GetTensorMutableRawData().ToArray();
            foreach ((_, OrtValue value) in inputs) value.Dispose();
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        private OrtValue Past(string name, KvLayer layer)
        {
            long[] sizes = [1, layer.Heads, owner.Description.ContextLength, layer.HeadSize];
            int count = layer.Heads * owner.Description.ContextLength * layer.HeadSize;
            byte[] bytes = _past.GetValueOrDefault(name) ?? new byte[count * owner.Description.Kv.ElementBytes];
            if (owner.Description.Kv.Element == KvElement.Float32)
            {
                float[] singles = new float[count];
                Buffer.BlockCopy(bytes, 0, singles, 0, bytes.Length);
                return OrtValue.CreateTensorValueFromMemory(singles, sizes);
            }
            Float16[] halves = new Float16[count];
            for (int i = 0; i < count; i++) halves[i] = new(BitConverter.ToUInt16(bytes, 2 * i));
            return OrtValue.CreateTensorValueFromMemory(halves, sizes);
        }
    }
}
