using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Tests.Errors;

public sealed class CountedTests
{
    [Theory]
    [InlineData(0, "0 tokens", "0 searches wait")]
    [InlineData(1, "1 token", "1 search waits")]
    [InlineData(2, "2 tokens", "2 searches wait")]
    public void TheNoun_FollowsTheNumber(int count, string regular, string other)
    {
        Counted.Of(count, "token").ShouldBe(regular);
        Counted.Of(count, "search waits", "searches wait").ShouldBe(other);
    }
}
