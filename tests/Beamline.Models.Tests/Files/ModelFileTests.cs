using Beamline.Abstractions.Errors;
using Beamline.Models.Files;
using Beamline.Testing;

namespace Beamline.Models.Tests.Files;

public sealed class ModelFileTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadSmall_AtTheLimitAndBeyond_AlsoBehindALink(bool isLink)
    {
        using TemporaryFolder temporary = new();
        string file = temporary.PathOf("file"), read = isLink ? temporary.PathOf("link") : file;
        File.WriteAllBytes(file, new byte[1_000]);
        if (isLink) File.CreateSymbolicLink(read, file);

        ModelFile.ReadSmall(read, limitBytes: 1_000).Length.ShouldBe(1_000);
        Should.Throw<BeamlineException>(() => ModelFile.ReadSmall(read, limitBytes: 999)).Message
            .ShouldBe($"{read}: has 1000 bytes; at most 999 are read");
    }
}
