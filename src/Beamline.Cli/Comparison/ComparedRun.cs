using Beamline.Abstractions.Updates;

namespace Beamline.Cli.Comparison;

/// <summary>What one method gave.</summary>
/// <param name="Method">The method.</param>
/// <param name="Result">Its sequences.</param>
/// <param name="Figures">What they are like.</param>
internal sealed record ComparedRun(ComparedMethod Method, GenerationResult Result, MethodFigures Figures);
