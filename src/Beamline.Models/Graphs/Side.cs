namespace Beamline.Models.Graphs;

/// <summary>One side of an input or output: a length, or a name for a length that the caller chooses.</summary>
internal readonly record struct Side(long Length, string? Name)
{
    /// <summary>A fixed length.</summary>
    public static implicit operator Side(int length) => new(length, null);

    /// <summary>A length by name.</summary>
    public static implicit operator Side(string name) => new(0, name);
}
