using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Sessions;

public sealed class NumericsFingerprintTests
{
    [Fact]
    public void Current_NamesProviderSystemKernelsAndRuntime() => NumericsFingerprint.Current.ShouldMatch(
        @"^cpu/(linux|windows|macos|other)/[a-z0-9][^/]*/ort-[0-9]+\.[0-9]+\.[0-9]+$");
}
