using System.Buffers.Binary;
using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Models.Files;

namespace Beamline.Models.Safetensors;

/// <summary>
/// Reads the head of a safetensors file: eight bytes with the length of a JSON object, the object (a line a tensor), then the data.
/// Whatever the bytes are, the result is a list of tensors that lie side by side in the data, or one named error.
/// </summary>
/// <remarks>Format: https://github.com/huggingface/safetensors. The limit on the header is that of the reference implementation.</remarks>
internal static class SafetensorsHeader
{
    /// <summary>Bytes in front of the header: its length.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Bytes a header has at most.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    /// <summary>Checks the length that the first eight bytes state against the file.</summary>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="start">The first bytes of the file; eight, or all there are.</param>
    /// <param name="fileBytes">Length of the file.</param>
    /// <returns>The header's length in bytes.</returns>
    /// <exception cref="BeamlineException">The file is empty or truncated, or the length is impossible.</exception>
    public static int ReadLength(string file, ReadOnlySpan<byte> start, long fileBytes)
    {
        if (fileBytes == 0) throw ModelFile.Fault(file, "is empty; copy or download it again");
        if (fileBytes < PrefixBytes)
        {
            throw ModelFile.Fault(file, $"is truncated: it has {Counted.Of(fileBytes, "byte")}, not even the header's length");
        }
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length == 0) throw ModelFile.Fault(file, "its header is empty; this is no safetensors file");
        if (length > MaxHeaderBytes)
        {
            throw ModelFile.Fault(file, $"header length is {length} bytes of at most {MaxHeaderBytes}: this is no safetensors file");
        }
        if (length > (ulong)(fileBytes - PrefixBytes))
        {
            throw ModelFile.Fault(
                file,
                $"is truncated inside its header: of {Counted.Of((long)length, "byte")} {fileBytes - PrefixBytes} are there");
        }
        return (int)length;
    }

    /// <summary>Reads the JSON object and checks every tensor and that together they fill the data without gap or overlap.</summary>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataBytes">Bytes behind the header.</param>
    /// <returns>The tensors by position.</returns>
    /// <exception cref="BeamlineException">The header is not JSON, or a tensor in it is impossible.</exception>
    public static IReadOnlyList<TensorEntry> Parse(string file, ReadOnlySpan<byte> json, long dataBytes)
    {
        Dictionary<string, TensorEntry> tensors = new(StringComparer.Ordinal);
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw ModelFile.Fault(file, "header is no JSON object");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                string name = reader.GetString()!;
                reader.Read();
                if (name == "__metadata__")
                {
                    reader.Skip();
                    continue;
                }
                TensorEntry entry = ReadTensor(file, name, ref reader, dataBytes);
                if (tensors.TryAdd(name, entry)) continue;
                throw ModelFile.Fault(file, $"tensor {ModelFile.Quote(name)} is a duplicate: its name stands twice");
            }
            if (reader.Read()) throw ModelFile.Fault(file, "header goes on behind its JSON object");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw ModelFile.Fault(file, $"header is not valid JSON ({FirstLine(error.Message)})", error);
        }
        TensorEntry[] entries = [.. tensors.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
        CheckCover(file, entries, dataBytes);
        return entries;
    }

    private static TensorEntry ReadTensor(string file, string name, ref Utf8JsonReader reader, long dataBytes)
    {
        string? type = null;
        List<long>? shape = null, offsets = null;
        if (reader.TokenType != JsonTokenType.StartObject) throw Fault("is no JSON object");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    type = reader.GetString();
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader) ?? throw Fault("has a shape that is no list of whole numbers, 0 or more");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader) ?? throw Fault("has data_offsets that are no list of whole numbers, 0 or more");
                    break;
                default:
                    throw Fault($"has a field {ModelFile.Quote(key)} that is unknown, repeated or of the wrong kind");
            }
        }
        if (type is null || shape is null || offsets is not { Count: 2 }) throw Fault("lacks dtype, shape or a pair of data_offsets");
        return Check(type, shape, offsets[0], offsets[1]);

        TensorEntry Check(string type, List<long> shape, long begin, long end)
        {
            int bits = SafetensorsType.Bits(type);
            if (bits == 0) throw Fault($"has dtype {ModelFile.Quote(type)}, which the format does not have");
            if (begin > end) throw Fault($"has data_offsets [{begin}, {end}] that end before they begin");
            if (end > dataBytes) throw Fault($"is truncated: its data_offsets [{begin}, {end}] go beyond the {dataBytes} bytes of data");
            long count = 1;
            string sides = string.Join(", ", shape);
            bool fits = TryMultiply(shape, ref count) && count <= long.MaxValue / bits;
            if (!fits) throw Fault($"has shape [{sides}], more elements than can be counted");
            if (count * bits % 8 != 0 || count * bits / 8 != end - begin)
            {
                throw Fault($"has shape [{sides}] of {type}, {(count * bits + 7) / 8} bytes, but its data_offsets give {end - begin}");
            }
            return new TensorEntry(name, type, shape, count, begin, end);
        }

        BeamlineException Fault(string reason) => ModelFile.Fault(file, $"tensor {ModelFile.Quote(name)} {reason}");
    }

    // A side of 0 makes the tensor empty whatever the others are, so overflow is looked for without it.
    private static bool TryMultiply(List<long> shape, ref long count)
    {
        bool empty = false;
        foreach (long side in shape)
        {
            if (side == 0) empty = true;
            else if (count > long.MaxValue / side) return false;
            else count *= side;
        }
        if (empty) count = 0;
        return true;
    }

    private static List<long>? ReadNumbers(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return null;
        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0) return null;
            numbers.Add(number);
        }
        return numbers;
    }

    private static void CheckCover(string file, TensorEntry[] entries, long dataBytes)
    {
        long end = 0;
        string before = "";
        foreach (TensorEntry entry in entries)
        {
            string name = ModelFile.Quote(entry.Name);
            if (entry.Begin < end) throw ModelFile.Fault(file, $"tensors {before} and {name} overlap at byte {entry.Begin} of the data");
            if (entry.Begin > end)
            {
                throw ModelFile.Fault(file, $"holds {Counted.Of(entry.Begin - end, "byte")} before tensor {name} that belong to none");
            }
            end = entry.End;
            before = name;
        }
        if (end < dataBytes) throw ModelFile.Fault(file, $"{dataBytes - end} trailing bytes behind the last tensor belong to none");
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r');
}
