using System.Text;
using Beamline.Models.Safetensors;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Safetensors;

public sealed class SafetensorsTensorTests
{
    [Theory]
    [InlineData("F16", 0x3C00, 1f)]
    [InlineData("F16", 0xC100, -2.5f)]
    [InlineData("F16", 0x0001, 5.9604645e-8f)]
    [InlineData("F16", 0x7BFF, 65504f)]
    [InlineData("BF16", 0x3F80, 1f)]
    [InlineData("BF16", 0xC020, -2.5f)]
    [InlineData("BF16", 0x0001, 9.183549615799121e-41f)]
    [InlineData("BF16", 0x7F7F, 3.3895314e38f)]
    public void Read_SixteenBits_WidensExactly(string type, int bits, float expected)
    {
        using TemporaryFolder temporary = new();
        using SafetensorsFile file = Write(temporary, type, [3], [0, 0, (byte)bits, (byte)(bits >> 8), 0, 0]);
        float[] values = new float[2];

        file.Tensors[0].Read(1, values);

        values.ShouldBe([expected, 0]);
    }

    [Fact]
    public void Read_BeyondTheEnd_IsRefused()
    {
        using TemporaryFolder temporary = new();
        using SafetensorsFile file = Write(temporary, "F32", [2], new byte[8]);

        Should.Throw<ArgumentOutOfRangeException>(() => file.Tensors[0].Read(1, new float[2]));
        Should.Throw<ArgumentOutOfRangeException>(() => file.Tensors[0].Read(-1, new float[1]));
    }

    [Fact]
    public void Read_WholeNumbers_AreNoWeights()
    {
        using TemporaryFolder temporary = new();
        using SafetensorsFile file = Write(temporary, "I32", [2], new byte[8]);

        file.Tensors[0].Unreadable.ShouldNotBeNull().ShouldContain("I32");
        Should.Throw<InvalidOperationException>(() => file.Tensors[0].Read(0, new float[2]));
    }

    [Fact]
    public void Read_AfterDispose_IsRefused()
    {
        using TemporaryFolder temporary = new();
        SafetensorsFile file = Write(temporary, "F32", [1], new byte[4]);
        file.Dispose();
        file.Dispose();

        Should.Throw<ObjectDisposedException>(() => file.Tensors[0].Read(0, new float[1]));
    }

    private static SafetensorsFile Write(TemporaryFolder folder, string type, long[] shape, byte[] data)
    {
        string json = $$"""{"t":{"dtype":"{{type}}","shape":[{{string.Join(",", shape)}}],"data_offsets":[0,{{data.Length}}] } }""";
        string path = folder.PathOf("model.safetensors");
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)json.Length), .. Encoding.UTF8.GetBytes(json), .. data]);
        return SafetensorsFile.Open(path);
    }
}
