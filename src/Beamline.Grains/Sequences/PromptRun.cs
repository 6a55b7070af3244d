using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;

namespace Beamline.Grains.Sequences;

/// <summary>One prompt of a request, checked and tokenised.</summary>
/// <param name="Index">Its place in the request.</param>
/// <param name="Ids">Its ids; never empty.</param>
/// <param name="Parameters">The checked parameters.</param>
internal sealed record PromptRun(int Index, ImmutableArray<int> Ids, CheckedParameters Parameters);
