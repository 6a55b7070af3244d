using Beamline.Abstractions.Searches;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Sampling;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding.Search;

/// <summary>The likeliest token at each step; one sequence.</summary>
public sealed class GreedySearch : IndependentSearch
{
    internal GreedySearch(SearchTicket ticket, LogitsProcessorList processors, ITokenBytes tokens)
        : base(ticket, 1, new ArgmaxSelector(), processors, tokens)
    {
    }
}
