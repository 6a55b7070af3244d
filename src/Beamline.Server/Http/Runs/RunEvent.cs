using System.Text.Json;
using System.Text.Json.Serialization;
using Beamline.Abstractions.Updates;
using Beamline.Server.Http.Answers;
using Beamline.Server.Http.Errors;

namespace Beamline.Server.Http.Runs;

/// <summary>What an event of a run says; its name says which of these it is.</summary>
internal abstract record RunEvent
{
    /// <summary>Writes an update as an event: its position is the id.</summary>
    public static void Write(ServerSentEvents events, GenerationUpdate update)
    {
        switch (update)
        {
            case TokenAppended token:
                CompletionLogprobs? logprobs = token.Logprobs is { } one ? CompletionLogprobs.Of([one]) : null;
                events.Write(
                    token.Position, "token", new TokenEvent(token.Prompt, token.Branch, token.Id, token.Text, logprobs),
                    RunJson.Answers.TokenEvent);
                break;
            case BeamsChanged beams:
                events.Write(
                    beams.Position, "beams", new BeamsEvent(beams.Prompt, beams.Step, [.. beams.Live], [.. beams.Finished]),
                    RunJson.Answers.BeamsEvent);
                break;
            case BranchFinished branch:
                events.Write(
                    branch.Position, "finished", new FinishedEvent(branch.Prompt, branch.Branch, branch.Text, branch.Reason.Value),
                    RunJson.Answers.FinishedEvent);
                break;
            case Completed completed:
                events.Write(completed.Position, "completed", RunOutcome.Of(completed.Result), RunJson.Answers.RunOutcome);
                break;
            case Failed failed:
                events.Write(failed.Position, "failed", ErrorEnvelope.Of(failed.Error), ErrorJson.Answers.ErrorEnvelope);
                break;
            default:
                throw new JsonException($"No event is known for {update.GetType().Name}.");
        }
    }
}

/// <summary><c>token</c>: a greedy or sampled sequence grew by one token.</summary>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Branch">The sample's number.</param>
/// <param name="TokenId">The token.</param>
/// <param name="Text">Text that is final now; may be empty.</param>
/// <param name="Logprobs">When asked for.</param>
internal sealed record TokenEvent(
    int Prompt,
    int Branch,
    int TokenId,
    string Text,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CompletionLogprobs? Logprobs) : RunEvent;

/// <summary><c>beams</c>: one step of a beam search.</summary>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Step">The step, from 1.</param>
/// <param name="Live">Hypotheses that go on: the place of its parent, its token, that token's text, its score and its group.</param>
/// <param name="Finished">Those that were finished.</param>
internal sealed record BeamsEvent(int Prompt, int Step, BeamChange[] Live, BeamChange[] Finished) : RunEvent;

/// <summary><c>finished</c>: a greedy or sampled sequence ended.</summary>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Branch">The sample's number.</param>
/// <param name="Text">Text that was held back until now; often empty.</param>
/// <param name="StopReason">Why it ended.</param>
internal sealed record FinishedEvent(int Prompt, int Branch, string Text, string StopReason) : RunEvent;
