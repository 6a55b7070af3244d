namespace Beamline.Decoding.Randomness;

/// <summary>Four 32-bit words: a counter, or what <see cref="Philox4x32"/> makes of it.</summary>
/// <param name="Word0">The first word.</param>
/// <param name="Word1">The second word.</param>
/// <param name="Word2">The third word.</param>
/// <param name="Word3">The fourth word.</param>
public readonly record struct PhiloxBlock(uint Word0, uint Word1, uint Word2, uint Word3);
