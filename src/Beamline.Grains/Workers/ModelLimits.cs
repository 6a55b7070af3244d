using System.ComponentModel.DataAnnotations;

namespace Beamline.Grains.Workers;

/// <summary>What one model may take of a device: an entry of <c>Beamline:Workers:Limits</c>.</summary>
public sealed class ModelLimits
{
    /// <summary>The model's name, as requests name it, such as <c>tales@int8</c>.</summary>
    [Required]
    public string? Model { get; set; }

    /// <summary>Rows of its batch. Null: those of <c>Beamline:Workers:Engine</c>. Range 1 to 256.</summary>
    [Range(1, 256)]
    public int? Rows { get; set; }

    /// <summary>Bytes that its KV cache may reserve. Null: those of <c>Beamline:Workers:Engine</c>. Range 1 and more.</summary>
    [Range(1, long.MaxValue)]
    public long? KvBytes { get; set; }
}
