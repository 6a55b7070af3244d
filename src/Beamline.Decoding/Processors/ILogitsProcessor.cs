namespace Beamline.Decoding.Processors;

/// <summary>
/// Changes the scores of the next token in place. Stateless between rows: what a row becomes depends on its history and itself alone.
/// </summary>
public interface ILogitsProcessor
{
    /// <summary>The name of the class in the reference that does the same.</summary>
    string Name { get; }

    /// <summary>Processes one row.</summary>
    /// <param name="history">Ids so far, prompt included; each within the vocabulary.</param>
    /// <param name="scores">
    /// One row, length V: logits, or log-probabilities in a beam search. Masked entries are minus infinity and stay so.
    /// </param>
    void Process(ReadOnlySpan<int> history, Span<float> scores);
}
