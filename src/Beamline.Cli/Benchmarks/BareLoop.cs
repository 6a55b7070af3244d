using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;

namespace Beamline.Cli.Benchmarks;

/// <summary>The measure of the engine: a loop that does nothing but forward passes of the same graph, over bindings made once.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly IModelBackend _backend;
    private readonly ForwardPass _pass;
    private readonly int[] _prompt;

    public BareLoop(Func<BackendLimits, IModelBackend> open, ModelDescription model, int rows, int promptTokens)
    {
        BackendLimits limits = new(rows, int.Max(rows, promptTokens), long.MaxValue);
        _backend = open(limits);
        _pass = new ForwardPass(limits.Rows, limits.PassTokens);
        _prompt = [.. Enumerable.Range(1, promptTokens).Select(id => id % model.VocabularySize)];
    }

    /// <summary>Prefills prompts one by one, then decodes all rows together.</summary>
    /// <param name="prompts">Prompts to compute; in the rows in turn.</param>
    /// <param name="rows">Rows that decode.</param>
    /// <param name="promptTokens">Tokens of a prompt.</param>
    /// <param name="newTokens">Tokens of a row; the first comes from the prefill.</param>
    public void Run(int prompts, int rows, int promptTokens, int newTokens)
    {
        int[] sequences = [.. Enumerable.Range(0, rows).Select(_ => _backend.Kv.Open(isBrief: true))];
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            int sequence = sequences[prompt % rows];
            _backend.Kv.Truncate(sequence, 0);
            _pass.Clear();
            _pass.Add(sequence, 0, _prompt.AsSpan(0, promptTokens));
            RunPass();
        }
        // The rows that no prompt filled are as long as the others, whatever they hold.
        foreach (int sequence in sequences[int.Min(prompts, rows)..]) _backend.Kv.TryRefork(sequences[0], sequence, 0);
        for (int step = 0; step < newTokens - 1; step++)
        {
            _pass.Clear();
            for (int row = 0; row < rows; row++) _pass.Add(sequences[row], promptTokens + step, 1 + ((step + row) % 64), wantsLogits: true);
            RunPass();
        }
        foreach (int sequence in sequences) _backend.Kv.Drop(sequence);
    }

    public void Dispose() => _backend.Dispose();

    private void RunPass()
    {
        using IKvReservation? reserved = _backend.Kv.TryReserve(_pass);
        _backend.Run(_pass);
        reserved!.Commit();
    }
}
