using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>Checks the ranges of <see cref="WorkerOptions"/>, all at once.</summary>
[OptionsValidator]
internal sealed partial class WorkerOptionsValidator : IValidateOptions<WorkerOptions>;
