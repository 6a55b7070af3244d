using System.Collections.Immutable;

namespace Beamline.Grains.Sequences;

/// <summary>A request without faults.</summary>
/// <param name="Prompts">Its prompts, in order.</param>
/// <param name="Warnings">Parameters without effect, one line each.</param>
internal sealed record CheckedRequest(ImmutableArray<PromptRun> Prompts, ImmutableArray<string> Warnings);
