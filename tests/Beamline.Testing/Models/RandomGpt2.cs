using System.Runtime.InteropServices;
using System.Text.Json;

namespace Beamline.Testing.Models;

/// <summary>
/// A GPT-2 of any size with random weights, as a Hugging Face folder with a tokenizer. Its texts mean nothing, but it costs what a real
/// model of its size costs, and every id has a text.
/// </summary>
public sealed record RandomGpt2
{
    /// <summary>The smallest GPT-2 that was published: 124 million weights.</summary>
    public static readonly RandomGpt2 Small = new() { Width = 768, Layers = 12, Heads = 12, ContextLength = 1024, VocabularySize = 50257 };

    /// <summary>One of 60,000 weights, for tests that only need some model.</summary>
    public static readonly RandomGpt2 Tiny = new() { Width = 32, Layers = 2, Heads = 4, ContextLength = 128, VocabularySize = 300 };

    /// <summary>Length of a hidden state; a multiple of 8 times <see cref="Heads"/>.</summary>
    public required int Width { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Tokens of prompt and output at most.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Number of tokens: 256 bytes, then pairs of bytes, then the end token; 257 to 65,793.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Standard deviation of the weights. Above that of a fresh model, so that one token does not win everywhere.</summary>
    public float Deviation { get; init; } = 0.08f;

    /// <summary>Fixes the weights.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Id of the end token, which begins a text as well.</summary>
    public int EndId => VocabularySize - 1;

    /// <summary>Writes the model.</summary>
    /// <param name="folder">Made when it is missing; files in it are replaced.</param>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        WriteJson(folder, "config.json", new
        {
            model_type = "gpt2",
            architectures = (string[])["GPT2LMHeadModel"],
            vocab_size = VocabularySize,
            n_positions = ContextLength,
            n_embd = Width,
            n_layer = Layers,
            n_head = Heads,
            activation_function = "gelu_new",
            layer_norm_epsilon = 1e-5,
            tie_word_embeddings = true,
            bos_token_id = EndId,
            eos_token_id = EndId,
        });
        WriteJson(folder, "generation_config.json", new { bos_token_id = EndId, eos_token_id = EndId });
        WriteJson(folder, "tokenizer.json", RandomGpt2Tokenizer.Describe(VocabularySize));
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        WriteWeights(file);
    }

    private void WriteWeights(FileStream file)
    {
        (string Name, long[] Shape)[] tensors = [.. Tensors()];
        Dictionary<string, object> header = [];
        long end = 0;
        foreach ((string name, long[] shape) in tensors)
        {
            long begin = end;
            end += shape.Aggregate(1L, (count, side) => count * side) * sizeof(float);
            header[name] = new { dtype = "F32", shape, data_offsets = (long[])[begin, end] };
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        file.Write(BitConverter.GetBytes((ulong)json.Length));
        file.Write(json);
        ulong state = Seed * 0x9E3779B97F4A7C15 | 1;
        float[] piece = new float[1 << 16];
        foreach ((string name, long[] shape) in tensors)
        {
            for (long left = shape.Aggregate(1L, (count, side) => count * side); left > 0; left -= piece.Length)
            {
                Span<float> values = piece.AsSpan(0, (int)Math.Min(left, piece.Length));
                Fill(name, values, ref state);
                file.Write(MemoryMarshal.AsBytes(values));
            }
        }
    }

    private IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        yield return ("transformer.wte.weight", [VocabularySize, Width]);
        yield return ("transformer.wpe.weight", [ContextLength, Width]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"transformer.h.{layer}";
            yield return ($"{prefix}.ln_1.weight", [Width]);
            yield return ($"{prefix}.ln_1.bias", [Width]);
            yield return ($"{prefix}.attn.c_attn.weight", [Width, 3 * Width]);
            yield return ($"{prefix}.attn.c_attn.bias", [3 * Width]);
            yield return ($"{prefix}.attn.c_proj.weight", [Width, Width]);
            yield return ($"{prefix}.attn.c_proj.bias", [Width]);
            yield return ($"{prefix}.ln_2.weight", [Width]);
            yield return ($"{prefix}.ln_2.bias", [Width]);
            yield return ($"{prefix}.mlp.c_fc.weight", [Width, 4 * Width]);
            yield return ($"{prefix}.mlp.c_fc.bias", [4 * Width]);
            yield return ($"{prefix}.mlp.c_proj.weight", [4 * Width, Width]);
            yield return ($"{prefix}.mlp.c_proj.bias", [Width]);
        }
        yield return ("transformer.ln_f.weight", [Width]);
        yield return ("transformer.ln_f.bias", [Width]);
    }

    // Even numbers of the wanted deviation from a 64-bit xorshift: good enough for weights and quick at a hundred million.
    private void Fill(string name, Span<float> values, ref ulong state)
    {
        if (name.EndsWith("bias", StringComparison.Ordinal) || name.Contains(".ln_", StringComparison.Ordinal))
        {
            values.Fill(name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0);
            return;
        }
        float reach = Deviation * MathF.Sqrt(12) / (1 << 24);
        for (int i = 0; i < values.Length; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            values[i] = ((int)(state >> 40) - (1 << 23)) * reach;
        }
    }

    private static void WriteJson(string folder, string name, object value) =>
        File.WriteAllBytes(Path.Combine(folder, name), JsonSerializer.SerializeToUtf8Bytes(value));
}
