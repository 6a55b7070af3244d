using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Tests.Backends.Devices;

/// <summary>Which devices are refused, and in which words.</summary>
public sealed class DeviceCatalogueTests
{
    private static readonly DeviceSurvey CpuBuild = new(["CPUExecutionProvider"], 0, null);
    private static readonly DeviceSurvey TwoDevices = new([CudaDevice.Provider, "CPUExecutionProvider"], 2, null);
    private static readonly DeviceSurvey NoDriver = TwoDevices with { CudaDevices = 0, CudaFault = "there is no NVIDIA driver" };

    [Fact]
    public void Processor_NeedsNoLook() =>
        DeviceCatalogue.Fault(new DeviceId(DeviceKind.Cpu, 7), () => throw new InvalidOperationException()).ShouldBeNull();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void DeviceThatIsThere_NoFault(int index) => Fault(index, TwoDevices).ShouldBeNull();

    [Fact]
    public void BuildWithoutCuda_SaysWhatItHas() => Fault(3, CpuBuild).ShouldBe(
        "Beamline:Workers:Devices has 'cuda:3'; allowed: cpu:N; ONNX Runtime sees: CPUExecutionProvider");

    [Fact]
    public void IndexTooHigh_SaysHowManyThereAre()
    {
        Fault(2, TwoDevices).ShouldBe("Beamline:Workers:Devices has 'cuda:2'; allowed: cpu:N, cuda:0 to cuda:1; "
            + "ONNX Runtime sees: CUDAExecutionProvider, CPUExecutionProvider");
        Fault(1, TwoDevices with { CudaDevices = 1 }).ShouldNotBeNull().ShouldContain("allowed: cpu:N, cuda:0;");
    }

    [Fact]
    public void NoDriver_SaysSo() => Fault(0, NoDriver).ShouldBe("Beamline:Workers:Devices has 'cuda:0'; allowed: cpu:N; "
        + "ONNX Runtime sees: CUDAExecutionProvider, CPUExecutionProvider; there is no NVIDIA driver");

    [Fact]
    public void NameOfNoDevice_SaysWhatIsAllowed()
    {
        DeviceCatalogue.Fault("tpu:0").ShouldBe("Beamline:Workers:Devices has 'tpu:0'; allowed: cpu:N and cuda:N with N from 0 to 1023");
        DeviceCatalogue.Fault("cuda:0").ShouldBeNull();
    }

    [Fact]
    public void ThisMachine_IsLookedAt_WithoutAnError()
    {
        DeviceSurvey survey = DeviceSurvey.Take();

        survey.Providers.ShouldContain("CPUExecutionProvider");
        if (!survey.Providers.Contains(CudaDevice.Provider)) survey.CudaDevices.ShouldBe(0);
    }

    private static string? Fault(int index, DeviceSurvey survey) =>
        DeviceCatalogue.Fault(new DeviceId(DeviceKind.Cuda, index), () => survey);
}
