using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;
using Beamline.Abstractions.Workers;

namespace Beamline.Cli.Benchmarks;

/// <summary>The measure of the engine: a loop that does nothing but forward passes of the same graph, over bindings made once.</summary>
internal sealed class BareLoop : IDisposable
{
    private readonly KvPool _pool;
    private readonly ForwardBuffers _buffers;
    private readonly IModelSession _session;

    public BareLoop(Func<KvPool, ForwardBuffers, IModelSession> open, ModelDescription model, int rows, int promptTokens)
    {
        _pool = new KvPool(model, rows);
        _buffers = new ForwardBuffers(rows, promptTokens, model.VocabularySize);
        _session = open(_pool, _buffers);
    }

    /// <summary>Prefills prompts one by one, then decodes all rows together.</summary>
    /// <param name="prompts">Prompts to compute; in the rows in turn.</param>
    /// <param name="rows">Rows that decode.</param>
    /// <param name="promptTokens">Tokens of a prompt.</param>
    /// <param name="newTokens">Tokens of a row; the first comes from the prefill.</param>
    public void Run(int prompts, int rows, int promptTokens, int newTokens)
    {
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            for (int i = 0; i < promptTokens; i++)
            {
                _buffers.InputIds[i] = i + 1;
                _buffers.PositionIds[i] = i;
            }
            _buffers.LastPositions[0] = promptTokens - 1;
            _buffers.TotalLength[0] = promptTokens;
            _buffers.LogitsIndex[0] = promptTokens - 1;
            _session.Run(new ForwardShape(prompt % rows, 1, promptTokens, 1));
        }
        for (int row = 0; row < rows; row++) _buffers.LogitsIndex[row] = row;
        for (int step = 0; step < newTokens - 1; step++)
        {
            int position = promptTokens + step;
            for (int row = 0; row < rows; row++)
            {
                _buffers.InputIds[row] = 1 + (step + row) % 64;
                _buffers.PositionIds[row] = position;
                _buffers.LastPositions[row] = position;
            }
            _buffers.TotalLength[0] = position + 1;
            _session.Run(new ForwardShape(0, rows, 1, rows));
        }
    }

    public void Dispose()
    {
        _session.Dispose();
        _pool.Dispose();
    }
}
