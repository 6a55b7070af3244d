using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;

namespace Beamline.Grains.Sequences;

/// <summary>Cuts a request into searches.</summary>
internal static class SearchPlan
{
    /// <summary>
    /// One search a prompt; samples that exceed a worker's rows are split into parts, which give the same samples: each is drawn by its own
    /// number.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="prompts">Its prompts.</param>
    /// <param name="rows">Rows of the widest worker; 1 or more.</param>
    /// <exception cref="BeamlineException">A beam search, which cannot be split, is wider than that.</exception>
    public static ImmutableArray<SearchTicket> Create(GenerationRequest request, string model, ImmutableArray<PromptRun> prompts, int rows)
    {
        ImmutableArray<SearchTicket>.Builder tickets = ImmutableArray.CreateBuilder<SearchTicket>();
        foreach (PromptRun prompt in prompts)
        {
            int total = prompt.Parameters.MaxRows;
            if (prompt.Parameters.Kind == SearchKind.Beam && total > rows)
            {
                throw new BeamlineException(
                    BeamlineError.Invalid([new("num_beams", $"{total}", $"at most {rows}, the rows of the widest worker")]));
            }
            int size = prompt.Parameters.Kind == SearchKind.Sampling ? int.Min(total, rows) : total;
            for (int first = 0, part = 0; first < total; first += size, part++)
            {
                tickets.Add(new SearchTicket
                {
                    Id = new(request.Id, prompt.Index, part),
                    Model = model,
                    PromptIds = prompt.Ids,
                    Parameters = prompt.Parameters,
                    FirstBranch = first,
                    Rows = int.Min(size, total - first),
                    Priority = request.Priority,
                    Deadline = request.Deadline,
                    User = request.User,
                });
            }
        }
        return tickets.ToImmutable();
    }
}
