using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Answers;

namespace Beamline.Server.Http.Completions;

/// <summary>Puts a run's updates and results into OpenAI's form.</summary>
/// <param name="call">How to answer.</param>
/// <param name="created">Seconds since 1970.</param>
internal sealed class CompletionWriter(CompletionCall call, long created)
{
    private readonly bool[] _finished = new bool[call.Request.Prompts.Length * call.Choices];
    private readonly bool[] _begun = new bool[call.Request.Prompts.Length * call.Choices];

    /// <summary>The whole answer.</summary>
    public CompletionAnswer Whole(GenerationResult result)
    {
        IEnumerable<(Hypothesis Hypothesis, int Index)> best = BestChoices.Pick(result.Hypotheses, call);
        CompletionChoice[] choices = [.. best.Select(choice => Whole(choice.Hypothesis, choice.Index))];
        return Answer(result.Model, choices) with
        {
            Usage = CompletionUsage.Of(result.Usage),
            Seed = result.Seed,
            Warnings = result.Warnings.IsEmpty ? null : result.Warnings,
        };
    }

    /// <summary>What an update adds to a stream; null when there is nothing to say.</summary>
    public CompletionAnswer? Piece(GenerationUpdate update) => update switch
    {
        TokenAppended token => Piece(token),
        BranchFinished branch => Piece(branch),
        _ => null,
    };

    /// <summary>The end of a stream: sequences that were not followed token by token (beams), then the usage when asked for.</summary>
    public IEnumerable<CompletionAnswer> Last(GenerationResult result)
    {
        foreach (Hypothesis hypothesis in result.Hypotheses)
        {
            int index = IndexOf(hypothesis.Prompt, hypothesis.Index);
            if (!_finished[index]) yield return Answer(result.Model, [Whole(hypothesis, index)]);
        }
        if (call.IncludeUsage) yield return Answer(result.Model, []) with { Usage = CompletionUsage.Of(result.Usage) };
    }

    private static string FinishReasonOf(FinishReason reason) =>
        reason == FinishReason.Eos || reason == FinishReason.Stop ? "stop" : "length";

    private int IndexOf(int prompt, int sequence) => (prompt * call.Choices) + sequence;

    private CompletionAnswer Answer(string model, CompletionChoice[] choices) =>
        new(call.Request.Id.Value, "text_completion", created, model, choices);

    private CompletionChoice Whole(Hypothesis hypothesis, int index) => new(
        index,
        call.EchoOf(hypothesis.Prompt) + hypothesis.Text,
        call.Logprobs ? CompletionLogprobs.Of(hypothesis.Logprobs) : null,
        FinishReasonOf(hypothesis.Reason),
        hypothesis.Reason.Value,
        hypothesis.Score,
        call.TokenIds ? hypothesis.Ids : null);

    private CompletionAnswer? Piece(TokenAppended token)
    {
        if (token.Text.Length == 0 && !call.TokenIds && !call.Logprobs) return null;
        CompletionChoice choice = new(
            IndexOf(token.Prompt, token.Branch),
            Begin(token.Prompt, token.Branch) + token.Text,
            call.Logprobs && token.Logprobs is { } logprobs ? CompletionLogprobs.Of([logprobs]) : null,
            null,
            TokenIds: call.TokenIds ? [token.Id] : null);
        return Answer(call.Request.Model ?? "default", [choice]);
    }

    private CompletionAnswer Piece(BranchFinished branch)
    {
        int index = IndexOf(branch.Prompt, branch.Branch);
        _finished[index] = true;
        CompletionChoice choice = new(
            index, Begin(branch.Prompt, branch.Branch) + branch.Text, null, FinishReasonOf(branch.Reason), branch.Reason.Value);
        return Answer(call.Request.Model ?? "default", [choice]);
    }

    // The prompt goes out with a sequence's first piece.
    private string Begin(int prompt, int sequence)
    {
        int index = IndexOf(prompt, sequence);
        if (_begun[index]) return "";
        _begun[index] = true;
        return call.EchoOf(prompt);
    }
}
