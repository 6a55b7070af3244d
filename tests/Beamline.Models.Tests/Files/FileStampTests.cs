using Beamline.Models.Files;
using Beamline.Models.Tests.Support;
using Beamline.Testing;

namespace Beamline.Models.Tests.Files;

public sealed class FileStampTests : IDisposable
{
    private static readonly DateTime LongAgo = new(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly TemporaryFolder _temporary = new();

    private string FilePath => _temporary.PathOf("file");

    public FileStampTests()
    {
        File.WriteAllText(FilePath, "content");
        File.SetLastWriteTimeUtc(FilePath, LongAgo);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Of_AFile_TellsNameSizeAndTime()
    {
        FileStamp stamp = FileStamp.Of(FilePath);

        (stamp.Name, stamp.Bytes, stamp.Modified).ShouldBe(("file", 7, (LongAgo - DateTime.UnixEpoch).Ticks));
        FileStamp.Of(FilePath).ShouldBe(stamp);
        FileStamp.Of(_temporary.PathOf("absent")).ShouldBe(new FileStamp("absent", -1, 0, 0, 0));
        if (OperatingSystem.IsLinux()) (stamp.Inode > 0 && stamp.Changed > stamp.Modified).ShouldBeTrue();
    }

    [Fact]
    public void Of_AFileWrittenTo_IsAnother()
    {
        FileStamp stamp = FileStamp.Of(FilePath);
        SourceFile.TurnAByte(FilePath);
        FileStamp.Of(FilePath).ShouldNotBe(stamp);
    }

    [Fact]
    public void Of_AFileWrittenTo_WhoseTimeIsSetBack_IsAnotherStill()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems do not tell when a time was set");
        FileStamp stamp = FileStamp.Of(FilePath);
        SourceFile.TurnAByte(FilePath);
        File.SetLastWriteTimeUtc(FilePath, LongAgo);
        FileStamp.Of(FilePath).ShouldNotBe(stamp);
    }

    [Fact]
    public void Of_ALink_IsThatOfTheFileBehindIt()
    {
        string link = _temporary.PathOf("link");
        File.CreateSymbolicLink(link, FilePath);
        FileStamp stamp = FileStamp.Of(link);
        (stamp.Name, stamp.Bytes, stamp.Modified).ShouldBe(("link", 7, (LongAgo - DateTime.UnixEpoch).Ticks));
        SourceFile.TurnAByte(FilePath);
        FileStamp.Of(link).ShouldNotBe(stamp);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(60, true)]
    [InlineData(-60, false)]
    public void AreSettled_OnlyFilesOfAnEarlierTick(int seconds, bool expected)
    {
        File.SetLastWriteTimeUtc(FilePath, DateTime.UtcNow.AddSeconds(-seconds));
        FileStamp.AreSettled(FileStamp.Of([FilePath, _temporary.PathOf("absent")])).ShouldBe(expected);
    }
}
