using Beamline.Abstractions.Contracts;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>Whatever one side could say that the other would misunderstand changes the word; nothing else does.</summary>
public sealed class ContractsFingerprintTests
{
    private static readonly Type
        Message = ContractMaker.Message("M", (0, "Rows", typeof(int)), (1, "Names", typeof(List<string>))),
        Grain = ContractMaker.Grain("W", "Load", "LoadAsync", typeof(ValueTask<int>), typeof(string));

    public static TheoryData<string, Type, Type> Seen => new()
    {
        { "member added", Message,
            ContractMaker.Message("M", (0, "Rows", typeof(int)), (1, "Names", typeof(List<string>)), (2, "More", typeof(bool))) },
        { "member's type", Message, ContractMaker.Message("M", (0, "Rows", typeof(int)), (1, "Names", typeof(List<long>))) },
        { "member's number", Message, ContractMaker.Message("M", (0, "Rows", typeof(int)), (2, "Names", typeof(List<string>))) },
        { "message's name", Message, ContractMaker.Message("N", (0, "Rows", typeof(int)), (1, "Names", typeof(List<string>))) },
        { "parameter added", Grain,
            ContractMaker.Grain("W", "Load", "LoadAsync", typeof(ValueTask<int>), typeof(string), typeof(int)) },
        { "answer", Grain, ContractMaker.Grain("W", "Load", "LoadAsync", typeof(ValueTask<long>), typeof(string)) },
        { "method's name", Grain, ContractMaker.Grain("W", "Fetch", "LoadAsync", typeof(ValueTask<int>), typeof(string)) },
    };

    public static TheoryData<string, Type, Type> Unseen => new()
    {
        { "names in the code, order, the type's place", Message,
            ContractMaker.Message("M", (1, "Titles", typeof(List<string>)), (0, "Width", typeof(int))) },
        { "method's name in the code", Grain,
            ContractMaker.Grain("W", "Load", "FetchAsync", typeof(ValueTask<int>), typeof(string)) },
    };

    [Fact]
    public void TheBuildsOwn_IsThatOfItsPublicTypes_InAnyOrder()
    {
        ContractsFingerprint.Value.ShouldMatch("^[0-9a-f]{16}$");
        ContractsFingerprint.Of(ContractTypes.Assembly.GetExportedTypes().Reverse()).ShouldBe(ContractsFingerprint.Value);
    }

    [Fact]
    public void EveryContract_CountsInIt()
    {
        Type[] all = [.. ContractTypes.Assembly.GetExportedTypes()];
        Type[] contracts = [.. ContractTypes.Serializable, .. ContractTypes.GrainInterfaces, .. all.Where(type => type.IsEnum)];
        foreach (Type left in contracts)
        {
            ContractsFingerprint.Of(all.Where(type => type != left)).ShouldNotBe(ContractsFingerprint.Value, $"without {left.Name}");
        }
    }

    [Theory]
    [MemberData(nameof(Seen))]
    public void AChange_ThatCrossesTheBorder_Shows(string what, Type before, Type after) =>
        ContractsFingerprint.Of([after]).ShouldNotBe(ContractsFingerprint.Of([before]), what);

    [Theory]
    [MemberData(nameof(Unseen))]
    public void AChange_ThatStaysAtHome_DoesNot(string what, Type before, Type after) =>
        ContractsFingerprint.Of([after]).ShouldBe(ContractsFingerprint.Of([before]), what);
}
