using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Device;
using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Tests.Backends;

/// <summary>The laws for the cache in a device's memory, with the processor in the device's place: layers that differ, in fp32.</summary>
public class DeviceKvCacheLaws : KvCacheLaws
{
    protected override KvLayout Layout { get; } = new(
        [new(Heads: 2, HeadSize: 8), new(Heads: 1, HeadSize: 24), new(Heads: 3, HeadSize: 4)]);

    protected override IKvCache Open(KvLayout layout, int context, int rows, long kvBytes)
    {
        ModelDescription model = new("synthetic", "none", "fp32", 0, layout, 100, context, null, [], "");
        return new DeviceKvCache(new CpuDevice(0), layout, SlotSizes.Choose(model, new(rows, rows * context, kvBytes)));
    }
}

/// <summary>The same in fp16.</summary>
public sealed class DeviceKvCacheLawsInHalfs : DeviceKvCacheLaws
{
    protected override KvLayout Layout { get; } = KvLayout.Uniform(layers: 2, heads: 2, headSize: 8, KvElement.Float16);
}
