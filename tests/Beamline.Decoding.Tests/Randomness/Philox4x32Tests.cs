using System.Globalization;
using System.Text.Json;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Tests.Support;
using Beamline.Testing;

namespace Beamline.Decoding.Tests.Randomness;

public sealed class Philox4x32Tests
{
    [Fact]
    public void Generate_KnownAnswers_AreGivenToTheBit()
    {
        int cases = 0;
        foreach (JsonElement golden in ReferenceData.Golden.Cases("philox.jsonl"))
        {
            uint[] counter = Words(golden.GetProperty("counter")), key = Words(golden.GetProperty("key"));
            uint[] output = Words(golden.GetProperty("output"));
            PhiloxBlock block = Philox4x32.Generate(new(counter[0], counter[1], counter[2], counter[3]), ((ulong)key[1] << 32) | key[0]);
            block.ShouldBe(new PhiloxBlock(output[0], output[1], output[2], output[3]), golden.Name());
            cases++;
        }
        cases.ShouldBeGreaterThan(0);
    }

    private static uint[] Words(JsonElement words) =>
        [.. words.EnumerateArray().Select(word => uint.Parse(word.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
