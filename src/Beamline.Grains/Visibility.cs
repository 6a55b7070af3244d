using System.Runtime.CompilerServices;

// The pure parts beside the grains are tested on their own, without being part of the public surface.
[assembly: InternalsVisibleTo("Beamline.Grains.Tests")]
