using System.Runtime.CompilerServices;

// Kernels and small parts are tested and measured on their own, without being part of the public surface.
[assembly: InternalsVisibleTo("Beamline.Decoding.Tests")]
[assembly: InternalsVisibleTo("Beamline.Benchmarks")]
