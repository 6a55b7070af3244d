using Microsoft.Extensions.Options;

namespace Beamline.Client;

/// <summary>Checks the ranges that <see cref="BeamlineClientOptions"/> states.</summary>
[OptionsValidator]
internal sealed partial class BeamlineClientOptionsValidator : IValidateOptions<BeamlineClientOptions>;
