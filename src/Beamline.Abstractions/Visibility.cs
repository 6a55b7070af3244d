using System.Runtime.CompilerServices;

// Only the validator may make CheckedParameters.
[assembly: InternalsVisibleTo("Beamline.Decoding")]
[assembly: InternalsVisibleTo("Beamline.Abstractions.Tests")]
