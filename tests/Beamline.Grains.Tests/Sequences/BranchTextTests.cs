using System.Collections.Immutable;
using Beamline.Grains.Sequences;
using Beamline.Grains.Tests.Doubles;

namespace Beamline.Grains.Tests.Sequences;

public sealed class BranchTextTests
{
    private static List<string> Pieces(ImmutableArray<int> ids, params string[] stopStrings)
    {
        BranchText text = new(Tales.Tokenizer, [.. stopStrings]);
        return [.. ids.Select(text.Append), text.Finish()];
    }

    [Fact]
    public void Character_IsNeverSplit()
    {
        ImmutableArray<int> ids = [.. Tales.Tokenizer.Encode("a\U0001F9C1b")];
        ids.Length.ShouldBeGreaterThan(3, "the character takes several tokens");
        List<string> pieces = Pieces(ids);
        string.Concat(pieces).ShouldBe("a\U0001F9C1b");
        pieces.ShouldNotContain(piece => piece.Contains('\uFFFD'));
        pieces.ShouldContain(piece => piece.Contains("\U0001F9C1"));
    }

    [Fact]
    public void CharacterThatStaysIncomplete_ComesAsAReplacementAtTheEnd()
    {
        ImmutableArray<int> ids = [.. Tales.Tokenizer.Encode("a\U0001F9C1")];
        List<string> pieces = Pieces(ids[..^1]);
        pieces[^1].ShouldContain("\uFFFD");
        string.Concat(pieces[..^1]).ShouldBe("a");
    }

    [Fact]
    public void StopString_IsHeldBackAcrossTokens_AndNeverShown()
    {
        ImmutableArray<int> ids = [.. Tales.Tokenizer.Encode("one two three four")];
        string.Concat(Pieces(ids, "two three")).ShouldBe("one ");
    }

    [Fact]
    public void StopStringThatDoesNotCome_IsGivenBack()
    {
        ImmutableArray<int> ids = [.. Tales.Tokenizer.Encode("one two")];
        List<string> pieces = Pieces(ids, "two three");
        pieces[^1].ShouldBe("two");
        string.Concat(pieces).ShouldBe("one two");
    }
}
