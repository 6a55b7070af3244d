using System.Collections.Immutable;
using Beamline.Engine.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Beamline.Engine.Backends.Devices;

/// <summary>What this process could compute on.</summary>
/// <param name="Providers">The providers that ONNX Runtime was built with.</param>
/// <param name="CudaDevices">CUDA devices that it may use; 0 without the provider.</param>
/// <param name="CudaFault">Why there are none although the provider is there; null otherwise.</param>
public sealed record DeviceSurvey(ImmutableArray<string> Providers, int CudaDevices, string? CudaFault)
{
    /// <summary>Looks. Loads CUDA's libraries where ONNX Runtime has its provider and the machine a driver.</summary>
    /// <remarks>
    /// The order matters: without the provider some ways of adding it fail silently, and without a driver nothing of CUDA need be loaded.
    /// <c>OrtEnv.GetEpDevices</c> does not help: providers that come with ONNX Runtime are not among what it lists, the processor excepted.
    /// </remarks>
    public static DeviceSurvey Take()
    {
        ImmutableArray<string> providers = [.. OnnxEnvironment.Instance.GetAvailableProviders()];
        if (!providers.Contains(CudaDevice.Provider)) return new(providers, 0, null);
        return CudaDriver.Fault is null && Refusal() is { } refusal
            ? new(providers, 0, refusal)
            : new(providers, CudaDriver.Count, CudaDriver.Fault);
    }

    private static string? Refusal()
    {
        try
        {
            using SessionOptions options = new();
            CudaDevice.Append(options, index: 0);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message.AsSpan().Trim().ToString().Split('\n')[0];
        }
    }
}
