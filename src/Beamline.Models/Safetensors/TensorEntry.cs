namespace Beamline.Models.Safetensors;

/// <summary>One line of a safetensors header, checked: the bytes lie in the file and are as many as type and shape need.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="Type">The element type as the file spells it; one that the format has.</param>
/// <param name="Shape">Sides, outermost first, each 0 or more; empty for a scalar.</param>
/// <param name="Count">The product of the sides.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">Byte behind the last.</param>
internal sealed record TensorEntry(string Name, string Type, IReadOnlyList<long> Shape, long Count, long Begin, long End);
