using Microsoft.ML.OnnxRuntime;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Memory;
using Beamline.Models.Graphs;

namespace Beamline.Engine.Sessions;

/// <summary>Opens a decoder graph in ONNX Runtime on the CPU.</summary>
/// <param name="graphPath">The graph's file; its weights lie beside it.</param>
/// <param name="model">What the graph computes.</param>
/// <param name="threads">Threads of a forward pass; 0 chooses by cores and model size.</param>
public sealed class OnnxSessionFactory(string graphPath, ModelDescription model, int threads) : ISessionFactory
{
    /// <summary>Models with fewer weights than this run on one thread: sharing the work out costs more than it saves.</summary>
    public const long TinyParameters = 20_000_000;

    /// <summary>Threads of a forward pass.</summary>
    public int Threads { get; } = threads > 0 ? threads : model.Parameters < TinyParameters ? 1 : PhysicalCores.Count;

    /// <inheritdoc/>
    public IModelSession Open(KvPool pool, ForwardBuffers buffers)
    {
        InferenceSession session = Load();
        try
        {
            CheckSignature(session);
            OnnxSession opened = new(session, pool, buffers);
            if (model.Parameters >= TinyParameters) HugePages.Collapse();
            return opened;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private InferenceSession Load()
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
        for (int layer = 0; layer < model.Layers; layer++)
        {
            CheckKv(GraphNames.PastKey(layer), GraphNames.PresentKey(layer));
            CheckKv(GraphNames.PastValue(layer), GraphNames.PresentValue(layer));
        }
        if (missing.Count > 0)
        {
            throw new BeamlineException(
                BeamlineErrorCode.InvalidModel,
                $"{graphPath} is no decoder graph of Beamline's form; it lacks {string.Join(", ", missing)}");
        }

        void CheckKv(string past, string present)
        {
            if (!session.InputMetadata.TryGetValue(past, out NodeMetadata? input)) missing.Add($"input {past}");
            else if (input.ElementType != typeof(float) || input.Dimensions is not [_, var heads, _, var size]
                || (heads > 0 && heads != model.KvHeads) || (size > 0 && size != model.HeadSize))
            {
                missing.Add($"input {past} of the shape [rows, {model.KvHeads}, context, {model.HeadSize}] in fp32");
            }
            if (!session.OutputMetadata.ContainsKey(present)) missing.Add($"output {present}");
        }
    }

    private static string FirstLine(string text) => text.AsSpan().Trim().ToString().Split('\n')[0];
}
