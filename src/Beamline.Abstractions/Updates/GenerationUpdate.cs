using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Searches;

namespace Beamline.Abstractions.Updates;

/// <summary>One step of a run's story, as its readers see it.</summary>
/// <param name="Position">
/// Numbered from 0 without gaps, and the same each time the run is computed: branches are merged step by step in the order of their
/// numbers, not in the order in which workers happened to answer. So a reader can go on from a position after any crash.
/// </param>
[GenerateSerializer, Immutable, Alias("Beamline.GenerationUpdate")]
public abstract record GenerationUpdate([property: Id(0)] long Position);

/// <summary>A greedy or sampled sequence grew by one token.</summary>
/// <param name="Position">The update's number.</param>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Branch">The sample's number; 0 for greedy search.</param>
/// <param name="Id">The new token.</param>
/// <param name="Text">Text that is now final; often empty while a character is incomplete or a stop string may be on its way.</param>
/// <param name="Logprobs">Log-probabilities when asked for, else null.</param>
[GenerateSerializer, Immutable, Alias("Beamline.TokenAppended")]
public sealed record TokenAppended(
    long Position,
    [property: Id(0)] int Prompt,
    [property: Id(1)] int Branch,
    [property: Id(2)] int Id,
    [property: Id(3)] string Text,
    [property: Id(4)] TokenLogprobs? Logprobs) : GenerationUpdate(Position);

/// <summary>One step of a beam search.</summary>
/// <param name="Position">The update's number.</param>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Step">The step, from 1.</param>
/// <param name="Live">The hypotheses that go on, in the order of their places.</param>
/// <param name="Finished">Those that entered the finished list in this step.</param>
[GenerateSerializer, Immutable, Alias("Beamline.BeamsChanged")]
public sealed record BeamsChanged(
    long Position,
    [property: Id(0)] int Prompt,
    [property: Id(1)] int Step,
    [property: Id(2)] ImmutableArray<BeamChange> Live,
    [property: Id(3)] ImmutableArray<BeamChange> Finished) : GenerationUpdate(Position);

/// <summary>A greedy or sampled sequence ended.</summary>
/// <param name="Position">The update's number.</param>
/// <param name="Prompt">The prompt's place in the request.</param>
/// <param name="Branch">The sample's number; 0 for greedy search.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Text">Text held back until now that turned out to be final; often empty.</param>
[GenerateSerializer, Immutable, Alias("Beamline.BranchFinished")]
public sealed record BranchFinished(
    long Position,
    [property: Id(0)] int Prompt,
    [property: Id(1)] int Branch,
    [property: Id(2)] FinishReason Reason,
    [property: Id(3)] string Text) : GenerationUpdate(Position);

/// <summary>The run is complete. The last update.</summary>
/// <param name="Position">The update's number.</param>
/// <param name="Result">All of it.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Completed")]
public sealed record Completed(long Position, [property: Id(0)] GenerationResult Result) : GenerationUpdate(Position);

/// <summary>The run failed. The last update.</summary>
/// <param name="Position">The update's number.</param>
/// <param name="Error">Why.</param>
[GenerateSerializer, Immutable, Alias("Beamline.Failed")]
public sealed record Failed(long Position, [property: Id(0)] BeamlineError Error) : GenerationUpdate(Position);
