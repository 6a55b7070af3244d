using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;

namespace Beamline.Abstractions.Tests.Requests;

/// <summary>Ids that are grain keys.</summary>
public sealed class KeyTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("gen-0_1.2:3", true)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void RequestId_Form_IsChecked(string value, bool valid) => new RequestId(value).IsValid.ShouldBe(valid);

    [Fact]
    public void RequestId_Length_EndsAtItsLimit()
    {
        new RequestId(new string('a', RequestId.MaxLength)).IsValid.ShouldBeTrue();
        new RequestId(new string('a', RequestId.MaxLength + 1)).IsValid.ShouldBeFalse();
        default(RequestId).IsValid.ShouldBeFalse();
    }

    [Fact]
    public void RequestId_New_IsValidAndUnique()
    {
        RequestId[] ids = [.. Enumerable.Range(0, 100).Select(_ => RequestId.New())];
        ids.ShouldAllBe(id => id.IsValid);
        ids.ShouldBeUnique();
    }

    [Fact]
    public void Keys_ThereAndBack_AreTheSame()
    {
        SearchId search = new(new("run:1"), 2, 3);
        SearchId.Parse(search.ToString()).ShouldBe(search);
        WorkerId worker = new("host", "cuda:1");
        WorkerId.Parse(worker.ToString()).ShouldBe(worker);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("run/1")]
    [InlineData("run/1/2/3")]
    [InlineData("run/x/2")]
    public void SearchId_OtherForm_IsRefused(string key) => Should.Throw<FormatException>(() => SearchId.Parse(key));

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("/cpu:0")]
    public void WorkerId_OtherForm_IsRefused(string key) => Should.Throw<FormatException>(() => WorkerId.Parse(key));
}
