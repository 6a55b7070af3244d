using Microsoft.Extensions.Options;

namespace Beamline.Grains.Durability;

/// <summary>Checks the ranges of <see cref="DurableOptions"/>, all at once.</summary>
[OptionsValidator]
internal sealed partial class DurableOptionsValidator : IValidateOptions<DurableOptions>;
