namespace Beamline.ServiceDefaults.Tests.Settings;

public sealed class SampleNested
{
    public double Weight { get; set; }
}
