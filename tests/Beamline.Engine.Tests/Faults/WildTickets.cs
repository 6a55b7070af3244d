using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Faults;

/// <summary>Searches of all kinds and sizes, many with a common beginning, some begun elsewhere, a few that no machine computes.</summary>
internal sealed class WildTickets(Random random, HashModel model)
{
    private readonly int[][] _beginnings = [.. Enumerable.Range(0, 4).Select(_ => Ids(random, random.Next(5, 45)))];

    public SearchTicket Next()
    {
        RequestPriority priority = random.Next(2) == 0 ? RequestPriority.Interactive : RequestPriority.Batch;
        SearchTicket ticket = Tickets.Of(NewPrompt(), NewValues(), priority);
        ticket = ticket with { User = random.Next(4) is var user and > 0 ? $"user{user}" : null };
        return random.Next(8) == 0 && !IsPoisoned(ticket) ? Resumed(ticket, random.Next(1, 20)) : ticket;
    }

    /// <summary>A search that goes on from a step, or from the last one before its end.</summary>
    public SearchTicket Resumed(SearchTicket ticket, int step)
    {
        SearchState state = Oracle.StateAt(ticket with { Resume = null }, model, step);
        return ticket with { Resume = state.Step > 0 ? state : null, RanBefore = true };
    }

    public static bool IsPoisoned(SearchTicket ticket) =>
        ticket.PromptIds[0] is FaultyBackend.PromptPoison or FaultyBackend.DecodePoison;

    private static int[] Ids(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(FaultyBackend.DecodePoison))];

    private ImmutableArray<int> NewPrompt()
    {
        int[] own = Ids(random, random.Next(8) == 0 ? 1 : random.Next(1, 30));
        if (own.Length > 1 && random.Next(2) == 0) own = [.. _beginnings[random.Next(_beginnings.Length)], .. own];
        if (random.Next(40) == 0) own[0] = random.Next(2) == 0 ? FaultyBackend.PromptPoison : FaultyBackend.DecodePoison;
        return [.. own];
    }

    private GenerationParameters NewValues()
    {
        int? tokens = random.Next(6) switch
        {
            0 or 1 => null,         // until a stop id comes, or the context is full
            2 => random.Next(1, 20 + 1),
            _ => random.Next(1, 8),
        };
        int[] stops = tokens > 10 && random.Next(2) == 0 ? [] : [.. Ids(random, 2)];
        GenerationParameters values = random.Next(5) switch
        {
            0 or 1 => new(),
            2 => new() { DoSample = true, Seed = random.Next(), NumReturnSequences = random.Next(1, 5), TopK = 20, TopP = 0.9f },
            3 => new() { NumBeams = random.Next(2, 5), NumReturnSequences = 2, LengthPenalty = 0.5f },
            _ => new() { NumBeams = 4, EarlyStopping = (EarlyStopping)random.Next(3), RepetitionPenalty = 1.3f },
        };
        return values with { MaxNewTokens = tokens, EosTokenId = [.. stops] };
    }
}
