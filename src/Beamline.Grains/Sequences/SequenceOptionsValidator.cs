using Microsoft.Extensions.Options;

namespace Beamline.Grains.Sequences;

/// <summary>Checks the ranges of <see cref="SequenceOptions"/>, all at once.</summary>
[OptionsValidator]
internal sealed partial class SequenceOptionsValidator : IValidateOptions<SequenceOptions>;
