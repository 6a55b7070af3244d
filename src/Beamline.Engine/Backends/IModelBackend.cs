namespace Beamline.Engine.Backends;

/// <summary>
/// One model on one device: its weights, the KV of its sequences, and forward passes over them. What lies where, in which number format and
/// whose memory it is are its own affair. One thread at a time.
/// </summary>
public interface IModelBackend : IDisposable
{
    /// <summary>The keys and values of its sequences.</summary>
    IKvCache Kv { get; }

    /// <summary>Which prompts one pass may compute side by side.</summary>
    PromptBatching PromptBatching { get; }

    /// <summary>
    /// What a pass costs beside its tokens, in tokens: so many more are worth computing to save a pass. 0 or more.
    /// </summary>
    int PassOverheadTokens { get; }

    /// <summary>
    /// The logits of the last pass in host memory, row after row of V numbers, in the order in which the pass wants them. The caller may
    /// change them; the next pass overwrites them.
    /// </summary>
    Memory<float> Logits { get; }

    /// <summary>
    /// Computes a pass whose memory is reserved: writes keys and values of its tokens behind their sequences' lengths, and the logits.
    /// </summary>
    /// <exception cref="Exception">
    /// The pass failed: what lies behind the sequences' lengths is undefined, everything else is as before.
    /// </exception>
    void Run(ForwardPass pass);

    /// <summary>Opens the session anew after passes that failed. May be called again when it failed itself.</summary>
    /// <returns>Whether the sequences still hold what they held; if not, all of them are gone.</returns>
    /// <exception cref="Exception">It could not be opened: no pass can run until another call succeeds.</exception>
    bool Reopen();
}
