using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;

namespace Beamline.Cli.Parsing;

/// <summary>
/// All generation parameters as options. A new parameter is one line in <see cref="Lines"/>; its type says how it is written.
/// </summary>
internal sealed class ParameterTable
{
    private static readonly (string Name, string Value, string Help)[] Lines =
    [
        ("max_new_tokens", "N", "Tokens to generate at most. Default: what the context leaves."),
        ("max_length", "N", "Prompt and generated tokens at most; --max-new-tokens wins."),
        ("min_new_tokens", "N", "Generated tokens before a stop id may come."),
        ("min_length", "N", "Prompt and generated tokens before a stop id may come."),
        ("do_sample", "", "Draw tokens by their probability instead of taking the likeliest."),
        ("seed", "N", "Seed of the draws: the same seed gives the same text."),
        ("temperature", "T", "Divides the logits before drawing; above 0. Below 1 is safer, above 1 is wilder."),
        ("top_k", "K", "Draw among the K likeliest tokens; 0 is all. Default: 50."),
        ("top_p", "P", "Draw among the likeliest tokens that together have probability P."),
        ("min_p", "P", "Draw among tokens at least P times as likely as the likeliest."),
        ("typical_p", "P", "Locally typical sampling: probability mass to keep."),
        ("epsilon_cutoff", "P", "Drop tokens less likely than P."),
        ("eta_cutoff", "P", "Entropy-dependent cut-off of eta sampling."),
        ("top_h", "H", "Top-H sampling: fraction of the entropy to keep."),
        ("repetition_penalty", "R", "Above 1 makes tokens of prompt and output less likely."),
        ("encoder_repetition_penalty", "R", "Above 1 makes tokens of the prompt likelier."),
        ("no_repeat_ngram_size", "N", "No N tokens in a row occur twice."),
        ("encoder_no_repeat_ngram_size", "N", "No N tokens in a row of the prompt occur in the output."),
        ("bad_words_ids", "JSON", "Sequences that never occur, such as [[5,7],[9]]."),
        ("sequence_bias", "JSON", "Biases on sequences, such as [[[5,7],1.5]]."),
        ("forced_bos_token_id", "ID", "The id that comes first when the prompt is one token."),
        ("forced_eos_token_id", "IDS", "The ids one of which comes last at the length limit."),
        ("suppress_tokens", "IDS", "Ids that never occur."),
        ("begin_suppress_tokens", "IDS", "Ids that do not come first."),
        ("exponential_decay_length_penalty", "START,FACTOR", "Make stop ids likelier from START on."),
        ("renormalize_logits", "", "Normalise the scores again after the processors."),
        ("remove_invalid_values", "", "Replace not-a-number and infinite scores."),
        ("num_beams", "B", "Hypotheses a beam search keeps; 1 is no beam search."),
        ("num_return_sequences", "N", "Sequences to return; in a beam search at most --num-beams."),
        ("length_penalty", "X", "Beam search: exponent of the length that divides the score; above 0 favours long ones."),
        ("early_stopping", "true|false|never", "Beam search: when it may end."),
        ("num_beam_groups", "G", "Groups of diverse beam search; divides --num-beams."),
        ("diversity_penalty", "X", "What a token loses for each beam of an earlier group that chose it."),
        ("eos_token_id", "IDS", "Ids that end a sequence. Default: the model's; [] is none."),
        ("stop_strings", "TEXT", "A text that ends a sequence; may be repeated."),
        ("presence_penalty", "X", "Subtracted once from each token generated so far; -2 to 2."),
        ("frequency_penalty", "X", "Subtracted from a token for each time it was generated; -2 to 2."),
        ("logit_bias", "JSON", "Added to the scores of ids, such as {\"5\":-100}."),
        ("logprobs", "N", "Report log-probabilities of the chosen and the N likeliest tokens, with --json."),
    ];

    private readonly ParameterOption[] _options;

    /// <summary>Fresh options for one command.</summary>
    /// <param name="names">The parameters it takes; none means all.</param>
    public ParameterTable(params string[] names)
    {
        Dictionary<string, JsonPropertyInfo> properties =
            GenerationJson.Default.GenerationParameters.Properties.ToDictionary(property => property.Name);
        _options =
        [
            .. Lines.Where(line => names.Length == 0 || names.Contains(line.Name))
                .Select(line => new ParameterOption(properties[line.Name], line.Value, line.Help)),
        ];
    }

    /// <summary>The names of the parameters that have an option.</summary>
    public static IEnumerable<string> Names => Lines.Select(line => line.Name);

    /// <summary>The options, in their order.</summary>
    public IReadOnlyList<ParameterOption> Options => _options;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (ParameterOption option in _options) command.Options.Add(option.Option);
    }

    /// <summary>The parameters that were given.</summary>
    /// <param name="result">What was parsed, without errors.</param>
    /// <exception cref="BeamlineException">Values of the wrong form: all of them, by the options' names.</exception>
    public GenerationParameters Read(ParseResult result)
    {
        List<Fault> faults = [];
        List<string> members = [];
        foreach (ParameterOption option in _options)
        {
            if (option.Read(result, faults) is { } json) members.Add($"\"{option.Name}\":{json}");
        }
        if (faults.Count > 0) throw new BeamlineException(BeamlineError.Invalid([.. faults]));
        return JsonSerializer.Deserialize($"{{{string.Join(',', members)}}}", GenerationJson.Default.GenerationParameters)!;
    }
}
