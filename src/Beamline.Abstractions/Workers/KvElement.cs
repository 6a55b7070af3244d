namespace Beamline.Abstractions.Workers;

/// <summary>How a number of the KV cache is stored.</summary>
public enum KvElement
{
    /// <summary>Four bytes, IEEE single.</summary>
    Float32,

    /// <summary>Two bytes, IEEE half.</summary>
    Float16,
}
