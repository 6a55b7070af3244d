using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Models.Safetensors;
using Beamline.Testing;

namespace Beamline.Models.Tests.Safetensors;

/// <summary>Files that somebody changes between opening and reading.</summary>
public sealed class ShrinkingFileTests : IDisposable
{
    // Far more than a page, so that a map of the file would have lost whole pages.
    private const int Elements = 100_000;

    private readonly TemporaryFolder _temporary = new();

    private string FilePath => _temporary.PathOf("model.safetensors");

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("F32", 4)]
    [InlineData("F16", 2)]
    [InlineData("BF16", 2)]
    public void Read_FileCutShortSince_NamesFileTensorAndEnd(string type, int size)
    {
        using SafetensorsFile file = Write(type, size);
        long whole = new FileInfo(FilePath).Length;
        file.Tensors[0].Read(0, new float[Elements]);
        Truncate(whole / 2);

        file.Tensors[0].Read(0, new float[100]);
        BeamlineError error = Should.Throw<BeamlineException>(() => file.Tensors[0].Read(0, new float[Elements])).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldBe(
            $"{FilePath}: tensor t ended early: the file had {whole} bytes when it was opened and has {whole / 2} now");
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void Read_FileCutShort_OnlyWhatIsGoneIsMissed(int lastByte, bool isMissed)
    {
        using SafetensorsFile file = Write("F32", 4);
        Truncate(new FileInfo(FilePath).Length + lastByte);

        Action read = () => file.Tensors[0].Read(Elements - 1, new float[1]);

        if (isMissed) Should.Throw<BeamlineException>(read).Message.ShouldContain("ended early");
        else read();
    }

    [Fact]
    public void Read_FileEmptiedAndDeletedSince_IsNamed()
    {
        using SafetensorsFile file = Write("F32", 4);
        Truncate(0);
        File.Delete(FilePath);

        Should.Throw<BeamlineException>(() => file.Tensors[0].Read(0, new float[1])).Message.ShouldContain("has 0 now");
    }

    private SafetensorsFile Write(string type, int size)
    {
        string json = $$"""{"t":{"dtype":"{{type}}","shape":[{{Elements}}],"data_offsets":[0,{{Elements * size}}] } }""";
        File.WriteAllBytes(
            FilePath, [.. BitConverter.GetBytes((ulong)json.Length), .. Encoding.UTF8.GetBytes(json), .. new byte[Elements * size]]);
        return SafetensorsFile.Open(FilePath);
    }

    private void Truncate(long bytes)
    {
        using FileStream stream = new(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        stream.SetLength(bytes);
    }
}
