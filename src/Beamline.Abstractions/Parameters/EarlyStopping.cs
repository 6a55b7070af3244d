using System.Text.Json.Serialization;

namespace Beamline.Abstractions.Parameters;

/// <summary>When a beam search whose list of finished hypotheses is full may end: transformers' <c>early_stopping</c>.</summary>
[JsonConverter(typeof(EarlyStoppingConverter))]
public enum EarlyStopping
{
    /// <summary><c>false</c>: when the best running hypothesis, at its present length, can no longer beat the worst finished one.</summary>
    False,

    /// <summary><c>true</c>: at once.</summary>
    True,

    /// <summary><c>"never"</c>: when no running hypothesis, at its most favourable length, can beat the worst finished one.</summary>
    Never,
}
