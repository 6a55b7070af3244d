using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;

namespace Beamline.Decoding.Validation;

/// <summary>What checking parameters found.</summary>
/// <param name="Parameters">The checked form; null when there are faults.</param>
/// <param name="Faults">Everything that is wrong, in the order of the parameters; empty when nothing is.</param>
/// <param name="Warnings">Parameters that are given but have no effect here, one line each.</param>
public sealed record ParameterCheck(CheckedParameters? Parameters, ImmutableArray<Fault> Faults, ImmutableArray<string> Warnings)
{
    /// <summary>The checked form.</summary>
    /// <exception cref="BeamlineException">There are faults; it names all of them.</exception>
    public CheckedParameters OrThrow() => Parameters ?? throw new BeamlineException(BeamlineError.Invalid(Faults));
}
