namespace Beamline.Engine.Tests.Faults;

/// <summary>Tests that look at the whole process run alone.</summary>
[CollectionDefinition(nameof(QuietProcess), DisableParallelization = true)]
public sealed class QuietProcess;
