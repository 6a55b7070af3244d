using System.Diagnostics;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Beams;
using Beamline.Decoding.Numerics;
using Beamline.Decoding.Processors;
using Beamline.Decoding.Search;
using Beamline.Decoding.Stopping;

namespace Beamline.Decoding;

/// <summary>Makes the search that a ticket asks for.</summary>
public static class SearchFactory
{
    /// <summary>A search at its start, or where <see cref="SearchTicket.Resume"/> says.</summary>
    /// <param name="ticket">What to search.</param>
    /// <param name="tokens">The bytes of the model's tokens, for stop strings.</param>
    /// <param name="workspace">
    /// Scratch memory for the model's vocabulary, shared by searches of one thread; null makes one for this search.
    /// </param>
    /// <exception cref="ArgumentException">The ticket or the workspace does not fit the checked parameters.</exception>
    public static ISearch Create(SearchTicket ticket, ITokenBytes tokens, DecodingWorkspace? workspace = null)
    {
        CheckedParameters parameters = ticket.Parameters;
        if (ticket.PromptIds.Length != parameters.PromptLength)
        {
            string message = $"The prompt has {ticket.PromptIds.Length} ids, but {parameters.PromptLength} were checked.";
            throw new ArgumentException(message, nameof(ticket));
        }
        workspace ??= new(parameters.VocabularySize);
        if (workspace.VocabularySize != parameters.VocabularySize)
        {
            throw new ArgumentException($"The workspace is for rows of {workspace.VocabularySize}.", nameof(workspace));
        }
        LogitsProcessorList processors = LogitsProcessorList.Create(parameters, workspace);
        return parameters.Kind switch
        {
            SearchKind.Greedy => new GreedySearch(ticket, processors, tokens),
            SearchKind.Sampling => new SamplingSearch(ticket, processors, tokens, workspace),
            SearchKind.Beam => new BeamSearch(ticket, processors, tokens),
            _ => throw new UnreachableException($"No search for {parameters.Kind}."),
        };
    }
}
