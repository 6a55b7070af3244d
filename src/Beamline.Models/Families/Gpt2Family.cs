using Beamline.Models.Configs;
using Beamline.Models.Weights;

namespace Beamline.Models.Families;

/// <summary>GPT-2 (Radford et al. 2019): learned positions, layer norms before each part, one matrix for query, key and value.</summary>
internal sealed class Gpt2Family : IModelFamily
{
    // GroupQueryAttention on the CPU works on groups of eight numbers.
    private const int HeadSizeMultiple = 8;
    private const string Prefix = "transformer.";

    private static readonly Dictionary<string, Activation> Activations = new(StringComparer.Ordinal)
    {
        ["gelu_new"] = Activation.GeluTanh,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_fast"] = Activation.GeluTanh,
        ["gelu"] = Activation.Gelu,
        ["relu"] = Activation.Relu,
    };

    /// <inheritdoc/>
    public string ModelType => "gpt2";

    /// <inheritdoc/>
    public DecoderConfig ReadConfig(ConfigReader json)
    {
        int width = json.Int("n_embd", "hidden_size", missing: 768, min: 1, max: 1 << 16);
        int heads = json.Int("n_head", "num_attention_heads", missing: 12, min: 1, max: 1 << 12);
        int layers = json.Int("n_layer", "num_hidden_layers", missing: 12, min: 1, max: 1 << 10);
        json.Refuse("quantization_config");
        json.Refuse("add_cross_attention");
        json.Refuse("is_encoder_decoder");
        bool scaled = json.Bool("scale_attn_weights", missing: true);
        bool byLayer = json.Bool("scale_attn_by_inverse_layer_idx", missing: false);
        if (width % heads != 0) json.Fault($"n_embd is {width}, which is no multiple of n_head, {heads}");
        else if (width / heads % HeadSizeMultiple != 0)
        {
            json.Fault($"n_embd / n_head, the size of a head, is {width / heads}; supported: multiples of {HeadSizeMultiple}");
        }
        int headSize = Math.Max(1, width / heads);
        float scale = scaled ? 1 / MathF.Sqrt(headSize) : 1;
        return new DecoderConfig
        {
            Family = ModelType,
            VocabularySize = json.Int("vocab_size", "", missing: 50257, min: 1, max: 1 << 24),
            ContextLength = json.Int("n_positions", "max_position_embeddings", missing: 1024, min: 1, max: 1 << 20),
            Width = width,
            Layers = layers,
            Heads = heads,
            KvHeads = heads,
            HeadSize = headSize,
            InnerWidth = json.Int("n_inner", "", missing: 4 * width, min: 1, max: 1 << 20),
            NormEpsilon = json.Positive("layer_norm_epsilon", missing: 1e-5f),
            Activation = json.Choice("activation_function", missing: "gelu_new", Activations),
            AttentionScales = [.. Enumerable.Range(1, layers).Select(layer => scale / (byLayer ? layer : 1))],
            TiedHead = json.Bool("tie_word_embeddings", missing: true),
        };
    }

    /// <inheritdoc/>
    public DecoderWeights FindWeights(DecoderConfig config, WeightFinder finder)
    {
        // Checkpoints of the bare model (GPT2Model) leave the prefix out.
        string prefix = finder.Has(Prefix + "wte.weight") ? Prefix : finder.Has("wte.weight") ? "" : Prefix;
        int width = config.Width;
        IWeightTensor embedding = finder.Find($"{prefix}wte.weight", config.VocabularySize, width);
        return new DecoderWeights(
            embedding,
            finder.Find($"{prefix}wpe.weight", config.ContextLength, width),
            [.. Enumerable.Range(0, config.Layers).Select(layer => FindLayer(config, finder, $"{prefix}h.{layer}."))],
            Norm(finder, $"{prefix}ln_f", width),
            config.TiedHead
                ? new LinearWeights(embedding, WeightLayout.OutputMajor, null)
                : new LinearWeights(finder.Find("lm_head.weight", config.VocabularySize, width), WeightLayout.OutputMajor, null));
    }

    private static LayerWeights FindLayer(DecoderConfig config, WeightFinder finder, string prefix)
    {
        int width = config.Width, inner = config.InnerWidth;
        return new LayerWeights(
            Norm(finder, $"{prefix}ln_1", width),
            Linear(finder, $"{prefix}attn.c_attn", width, 3 * width),
            Linear(finder, $"{prefix}attn.c_proj", width, width),
            Norm(finder, $"{prefix}ln_2", width),
            Linear(finder, $"{prefix}mlp.c_fc", width, inner),
            Linear(finder, $"{prefix}mlp.c_proj", inner, width));
    }

    private static NormWeights Norm(WeightFinder finder, string name, int width) =>
        new(finder.Find($"{name}.weight", width), finder.Find($"{name}.bias", width));

    private static LinearWeights Linear(WeightFinder finder, string name, int inputs, int outputs) =>
        new(finder.Find($"{name}.weight", inputs, outputs), WeightLayout.InputMajor, finder.Find($"{name}.bias", outputs));
}
