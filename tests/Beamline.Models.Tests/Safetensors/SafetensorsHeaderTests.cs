using System.Runtime.InteropServices;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Models.Safetensors;

namespace Beamline.Models.Tests.Safetensors;

/// <summary>Whatever the bytes of a file are, they give tensors that lie inside it side by side, or one named error.</summary>
public sealed class SafetensorsHeaderTests
{
    private const string File = "model.safetensors";

    private static readonly byte[] Whole = MakeFile();

    [Fact]
    public void Parse_WholeFile_GivesTensorsByPosition()
    {
        IReadOnlyList<TensorEntry> entries = Parse(Whole)!;

        entries.Select(entry => entry.Name).ShouldBe(["a", "b", "empty", "c", "scalar"]);
        entries.Select(entry => entry.Count).ShouldBe([6, 4, 0, 3, 1]);
        entries[1].Shape.ShouldBe([2, 2]);
        entries[^1].Shape.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"shape":[2]}}""", "repeated")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"note":1}}""", "note")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", "shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", "shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "belong to none")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "trailing")]
    [InlineData("""{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}""", "shape")]
    [InlineData("""{"a":[]}""", "no JSON object")]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""{} {}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32",""", "JSON")]
    public void Parse_BrokenHeader_NamesTheFault(string json, string part)
    {
        BeamlineError error = Should.Throw<BeamlineException>(() => SafetensorsHeader.Parse(File, Encoding.UTF8.GetBytes(json), 8)).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
        error.Message.ShouldStartWith(File);
        error.Message.ShouldContain(part);
    }

    [Fact]
    public void Parse_MutatedFile_TensorsInsideOrNamedError() => Mutate(count: 20_000, seed: 1);

    [Fact]
    [Trait("Category", "Long")]
    public void Parse_FileMutatedAMillionTimes_TensorsInsideOrNamedError() => Mutate(count: 1_000_000, seed: 2);

    private static void Mutate(int count, int seed)
    {
        Random random = new(seed);
        int read = 0, refused = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] file = Mutant(random);
            if (Parse(file) is not { } entries)
            {
                refused++;
                continue;
            }
            read++;
            long end = 0;
            foreach (TensorEntry entry in entries)
            {
                entry.Begin.ShouldBe(end, $"seed {seed}, mutant {i}");
                ((entry.End - entry.Begin) * 8).ShouldBe(entry.Count * SafetensorsType.Bits(entry.Type), $"seed {seed}, mutant {i}");
                end = entry.End;
            }
            end.ShouldBeLessThan(file.Length);
        }
        // A mutator that only ever breaks files, or never does, would prove nothing.
        read.ShouldBeGreaterThan(count / 100);
        refused.ShouldBeGreaterThan(count / 2);
    }

    // One to four changes: a flipped, lost, repeated or foreign piece, or a number in place of a digit.
    private static byte[] Mutant(Random random)
    {
        List<byte> file = [.. Whole];
        string[] tokens = ["{", "}", "[", "]", ",", ":", "\"", "-1", "9223372036854775807", "1e300", "null", "F16", "I64", "\\u0061", "\0"];
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            // Most changes go to the header: the data is never looked at.
            int at = random.Next(random.Next(8) == 0 ? file.Count : Math.Min(file.Count, 400));
            switch (random.Next(5))
            {
                case 0:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    file.RemoveRange(at, Math.Min(random.Next(1, 12), file.Count - at));
                    break;
                case 2:
                    file.InsertRange(at, file[at..Math.Min(file.Count, at + random.Next(1, 40))]);
                    break;
                case 3:
                    file.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
                    break;
                default:
                    if (char.IsAsciiDigit((char)file[at])) file[at] = (byte)('0' + random.Next(10));
                    break;
            }
            if (file.Count == 0) break;
        }
        // Half of them get a length that fits again, so that the changes behind it are reached.
        if (random.Next(2) == 0 && file.Count > 8)
        {
            int header = file.LastIndexOf((byte)'}') - 7;
            if (header > 0) BitConverter.GetBytes((ulong)header).CopyTo(CollectionsMarshal.AsSpan(file));
        }
        return [.. file];
    }

    // Null when the file is refused by name; any other exception is a fault of the reader.
    private static IReadOnlyList<TensorEntry>? Parse(byte[] file)
    {
        try
        {
            int header = SafetensorsHeader.ReadLength(File, file.AsSpan(0, Math.Min(8, file.Length)), file.Length);
            return SafetensorsHeader.Parse(File, file.AsSpan(8, header), file.Length - 8 - header);
        }
        catch (BeamlineException error)
        {
            error.Error.Code.ShouldBe(BeamlineErrorCode.InvalidModel);
            error.Message.ShouldStartWith(File);
            return null;
        }
    }

    private static byte[] MakeFile()
    {
        const string Json = """
            {"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[24,32]},
            "a":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},"empty":{"dtype":"F32","shape":[0,7],"data_offsets":[32,32]},
            "c":{"dtype":"F16","shape":[3],"data_offsets":[32,38]},"scalar":{"dtype":"I64","shape":[],"data_offsets":[38,46]}}
            """;
        byte[] json = Encoding.UTF8.GetBytes(Json);
        return [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. new byte[46]];
    }
}
