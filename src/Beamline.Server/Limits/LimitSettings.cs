using System.ComponentModel.DataAnnotations;

namespace Beamline.Server.Limits;

/// <summary>What one request may ask for over HTTP. Beyond these a request is refused before it reaches the cluster.</summary>
public sealed class LimitSettings
{
    /// <summary>The section these settings are read from.</summary>
    public const string Section = "Beamline:Limits";

    /// <summary>Bytes of a request's body. 1,024 to 1,073,741,824; default 4 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int BodyBytes { get; set; } = 4 << 20;

    /// <summary>Prompts of a request. 1 to 10,000; default 128.</summary>
    [Range(1, 10_000)]
    public int Prompts { get; set; } = 128;

    /// <summary>UTF-8 bytes of a request's prompts together; a token id counts 4. 1 to 1,073,741,824; default 1 MiB.</summary>
    [Range(1, 1 << 30)]
    public int PromptBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Tokens to generate for each sequence (<c>max_tokens</c>). 1 to 1,048,576; default 16,384. The model's context holds besides.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxTokens { get; set; } = 16_384;

    /// <summary>Sequences for each prompt (<c>n</c>, <c>best_of</c>). 1 to 1,024; default 128.</summary>
    [Range(1, 1024)]
    public int Sequences { get; set; } = 128;

    /// <summary>Beams of a search (<c>num_beams</c>). 1 to 1,024; default 128.</summary>
    [Range(1, 1024)]
    public int Beams { get; set; } = 128;

    /// <summary>Stop strings. 0 to 1,024; default 16.</summary>
    [Range(0, 1024)]
    public int StopStrings { get; set; } = 16;

    /// <summary>
    /// How long the events of a request are silent at most: then a comment is sent, so that nothing on the way takes the connection for
    /// dead. 1 s to 5 min; default 15 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(15);
}
