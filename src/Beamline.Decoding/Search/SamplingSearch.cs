using Beamline.Abstractions.Searches;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Randomness;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Search;

/// <summary>
/// Independent samples, each with the random numbers of its own branch, so that a sample is the same in whatever part it is drawn.
/// </summary>
public sealed class SamplingSearch : IndependentSearch
{
    internal SamplingSearch(SearchTicket ticket, LogitsProcessorList processors, ITokenBytes tokens, DecodingWorkspace workspace)
        : base(ticket, ticket.Rows, new MultinomialSelector(new RandomSource(ticket.Parameters.Seed), workspace), processors, tokens)
    {
    }
}
