using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Tests.Backends.Devices;

/// <summary>Names of devices.</summary>
public sealed class DeviceIdTests
{
    [Theory]
    [InlineData("cpu:0", DeviceKind.Cpu, 0)]
    [InlineData("cpu:1023", DeviceKind.Cpu, 1023)]
    [InlineData("cuda:3", DeviceKind.Cuda, 3)]
    public void Name_IsRead_AndWrittenAlike(string name, DeviceKind kind, int index)
    {
        DeviceId.TryParse(name, out DeviceId device).ShouldBeTrue();

        device.ShouldBe(new DeviceId(kind, index));
        device.ToString().ShouldBe(name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("cpu:")]
    [InlineData("cpu:-1")]
    [InlineData("cpu:+1")]
    [InlineData("cpu: 1")]
    [InlineData("cpu:01")]
    [InlineData("cpu:1024")]
    [InlineData("cpu:99999999999")]
    [InlineData("CPU:0")]
    [InlineData("cuda:0 ")]
    [InlineData("tpu:0")]
    public void AnotherName_Refused(string name) => DeviceId.TryParse(name, out _).ShouldBeFalse();
}
