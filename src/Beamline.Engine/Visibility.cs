using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Beamline.Engine.Tests")]
