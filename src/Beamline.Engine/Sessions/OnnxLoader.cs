using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Models.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Beamline.Engine.Sessions;

/// <summary>Opens a decoder graph in ONNX Runtime and checks that it is one.</summary>
/// <param name="graphPath">The graph's file; its weights lie beside it.</param>
/// <param name="model">What the graph computes.</param>
/// <param name="threads">Threads of a forward pass; 0 chooses by cores and model size.</param>
/// <param name="device">Adds where it is to run, beside the processor; null is the processor alone.</param>
public sealed class OnnxLoader(string graphPath, ModelDescription model, int threads, Action<SessionOptions>? device = null)
{
    /// <summary>Models with fewer weights than this run on one thread: sharing the work out costs more than it saves.</summary>
    public const long TinyParameters = 20_000_000;

    /// <summary>What the graph computes.</summary>
    public ModelDescription Model => model;

    /// <summary>Threads of a forward pass.</summary>
    public int Threads { get; } = threads > 0 ? threads : model.Parameters < TinyParameters ? 1 : PhysicalCores.Count;

    /// <summary>Loads weights and graph anew.</summary>
    /// <exception cref="BeamlineException">It cannot be loaded, or it is no decoder graph of this model.</exception>
    public InferenceSession Load()
    {
        InferenceSession session = Open();
        try
        {
            CheckSignature(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private InferenceSession Open()
    {
        _ = OnnxEnvironment.Instance;
        using SessionOptions options = new()
        {
            IntraOpNumThreads = Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        // Workers spin within a pass, where the next operator is microseconds away, and sleep between passes.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "1");
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        try
        {
            device?.Invoke(options);
            return new InferenceSession(graphPath, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new BeamlineException(
                BeamlineErrorCode.InvalidModel, $"{graphPath}: ONNX Runtime cannot load it: {FirstLine(e.Message)}", e);
        }
    }

    private void CheckSignature(InferenceSession session)
    {
        List<string> missing = [];
        foreach (string name in (string[])[GraphNames.InputIds, GraphNames.LastPositions, GraphNames.TotalLength, GraphNames.LogitsIndex])
        {
            if (!session.InputMetadata.ContainsKey(name)) missing.Add($"input {name}");
        }
        if (!session.OutputMetadata.ContainsKey(GraphNames.Logits)) missing.Add($"output {GraphNames.Logits}");
        for (int layer = 0; layer < model.Kv.Layers.Length; layer++)
        {
            CheckKv(model.Kv.Layers[layer], GraphNames.PastKey(layer), GraphNames.PresentKey(layer));
            CheckKv(model.Kv.Layers[layer], GraphNames.PastValue(layer), GraphNames.PresentValue(layer));
        }
        if (missing.Count > 0)
        {
            throw new BeamlineException(
                BeamlineErrorCode.InvalidModel,
                $"{graphPath} is no decoder graph of Beamline's form; it lacks {string.Join(", ", missing)}");
        }

        void CheckKv(KvLayer layer, string past, string present)
        {
            TensorElementType element = model.Kv.Element == KvElement.Float16 ? TensorElementType.Float16 : TensorElementType.Float;
            if (!session.InputMetadata.TryGetValue(past, out NodeMetadata? input)) missing.Add($"input {past}");
            else if (input.ElementDataType != element || input.Dimensions is not [_, var heads, _, var size]
                || (heads > 0 && heads != layer.Heads) || (size > 0 && size != layer.HeadSize))
            {
                string type = model.Kv.Element == KvElement.Float16 ? "fp16" : "fp32";
                missing.Add($"input {past} of the shape [rows, {layer.Heads}, context, {layer.HeadSize}] in {type}");
            }
            if (!session.OutputMetadata.ContainsKey(present)) missing.Add($"output {present}");
        }
    }

    private static string FirstLine(string text) => text.AsSpan().Trim().ToString().Split('\n')[0];
}
