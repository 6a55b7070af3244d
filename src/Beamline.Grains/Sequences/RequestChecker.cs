using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Workers;
using Beamline.Decoding.Validation;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Sequences;

/// <summary>Turns a request into prompts that can run, or finds everything that is wrong with it.</summary>
internal static class RequestChecker
{
    /// <summary>Checks a request against its model.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">The model it names.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="BeamlineException">It is invalid; all faults are named.</exception>
    public static CheckedRequest Check(GenerationRequest request, ModelDescription model, ITokenizer tokenizer, SequenceOptions options)
    {
        List<Fault> faults = [];
        ImmutableArray<Prompt> given = request.Prompts.IsDefault ? [] : request.Prompts;
        CheckEnvelope(request.Id, given, options, faults);
        ImmutableArray<PromptRun>.Builder prompts = ImmutableArray.CreateBuilder<PromptRun>();
        SortedSet<string> warnings = new(StringComparer.Ordinal);
        // The parameters are checked even where a prompt is wrong or missing, so that all faults come at once.
        for (int i = 0; i < int.Clamp(given.Length, 1, options.MaxPrompts); i++)
        {
            string field = given.Length <= 1 ? "prompt" : $"prompt[{i}]";
            int before = faults.Count;
            ImmutableArray<int> ids = i < given.Length ? Tokenise(given[i], field, model, tokenizer, options, faults) : [];
            if (ids.IsEmpty || faults.Count > before) ids = [0];
            ParameterContext context = new(model.VocabularySize, model.ContextLength, model.StopIds, ids.Length, SeedOf(request.Id));
            ParameterCheck check = ParameterValidator.Check(request.Parameters, context);
            foreach (Fault fault in check.Faults)
            {
                Fault named = fault.Field == "prompt" ? fault with { Field = field } : fault;
                if (!faults.Contains(named)) faults.Add(named);
            }
            warnings.UnionWith(check.Warnings);
            if (check.Parameters is { } parameters) prompts.Add(new(i, ids, parameters));
        }
        if (faults.Count > 0) throw new BeamlineException(BeamlineError.Invalid([.. faults]));
        return new(prompts.ToImmutable(), [.. warnings]);
    }

    /// <summary>The seed of a request that names none: a run repeats itself, wherever it is computed, and two runs differ.</summary>
    internal static ulong SeedOf(RequestId id) => XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(id.Value ?? ""));

    private static void CheckEnvelope(RequestId id, ImmutableArray<Prompt> prompts, SequenceOptions options, List<Fault> faults)
    {
        if (!id.IsValid) faults.Add(new("id", Quote(id.Value ?? ""), RequestId.Rule));
        if (prompts.IsEmpty || prompts.Length > options.MaxPrompts)
        {
            faults.Add(new("prompt", Counted.Of(prompts.Length, "prompt"), $"1 to {options.MaxPrompts}"));
        }
    }

    private static ImmutableArray<int> Tokenise(
        Prompt prompt, string field, ModelDescription model, ITokenizer tokenizer, SequenceOptions options, List<Fault> faults)
    {
        ImmutableArray<int> ids = [];
        switch (prompt)
        {
            case TextPrompt { Text: { } text } when text.Length > options.MaxPromptLength:
                faults.Add(new(field, Counted.Of(text.Length, "character"), $"at most {options.MaxPromptLength}"));
                break;
            case TextPrompt { Text: { } text }:
                // A text may spell out an added token whose id lies beyond the model's, such as a padding token.
                ids = [.. tokenizer.Encode(text)];
                Refuse(id => Shorten(tokenizer.Decode([id], skipSpecialTokens: false)));
                break;
            case TokenPrompt { Ids: { IsDefault: false } given }:
                ids = given;
                Refuse(textOf: null);
                break;
            default:
                faults.Add(new(field, "nothing", "text or token ids"));
                break;
        }
        if (ids.Length > 0 || faults.Exists(fault => fault.Field == field)) return ids;
        // Configs name begin tokens that the model does not have; like every other id it has to be looked up.
        if (model.BosTokenId is { } begin && (uint)begin < (uint)model.VocabularySize) return [begin];
        string lack = model.BosTokenId is { } foreign
            ? $"the begin token of {model.Name}, id {foreign}, is none of its {model.VocabularySize}"
            : $"{model.Name} has no begin token";
        faults.Add(new(field, "empty", $"at least one token: {lack}"));
        return ids;

        void Refuse(Func<int, string>? textOf)
        {
            if (ForeignIds.Find(field, ids, model.VocabularySize, textOf) is { } fault) faults.Add(fault);
        }
    }

    private static string Quote(string text) => $"'{Shorten(text)}'";

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text[..37]}...";
}
