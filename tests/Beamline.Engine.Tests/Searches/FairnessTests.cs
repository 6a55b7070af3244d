using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding;
using Beamline.Engine.Outputs;
using Beamline.Engine.Searches;
using Beamline.Engine.Tests.Doubles;

namespace Beamline.Engine.Tests.Searches;

/// <summary>Who goes next when rows are short.</summary>
public sealed class FairnessTests
{
    private const int Tokens = 10;
    private static readonly EventChunkPool Chunks = new();
    private readonly WaitingLine _line = new();
    private int _arrivals;

    [Fact]
    public void UserWithOneSearch_GoesNext_HoweverManyAnotherHas()
    {
        for (int i = 0; i < 1000; i++) Add("many");
        for (int i = 0; i < 10; i++) End(_line.Take(), served: 3);
        EngineSearch running = _line.Take();
        EngineSearch one = Add("one");

        End(running, served: 1);

        _line.Take().ShouldBe(one);
        _line.Take().User.ShouldBe("many");
    }

    [Fact]
    public void Users_ShareTokens_NotSearches()
    {
        for (int i = 0; i < 400; i++)
        {
            Add("long", tokens: 40);
            Add("short", tokens: 10);
        }
        Dictionary<string, int> taken = Served(200);
        ((double)taken["short"] / taken["long"]).ShouldBe(4, tolerance: 0.1);
    }

    [Fact]
    public void SearchThatEndsEarly_CountsWithWhatItTook()
    {
        for (int i = 0; i < 400; i++)
        {
            Add("modest", tokens: 10);
            Add("careful", tokens: 90);     // asks for much and takes little
        }
        Dictionary<string, int> taken = [];
        for (int i = 0; i < 200; i++)
        {
            EngineSearch search = _line.Take();
            taken[search.User] = taken.GetValueOrDefault(search.User) + 1;
            End(search, served: 10);
        }
        taken["careful"].ShouldBeInRange(98, 102);
    }

    [Fact]
    public void LateComer_HasNoClaimToWhatWasServedBefore()
    {
        for (int i = 0; i < 100; i++) Add("early");
        for (int i = 0; i < 50; i++) End(_line.Take(), Tokens);
        for (int i = 0; i < 100; i++) Add("late");
        Dictionary<string, int> taken = Served(20);
        taken["late"].ShouldBeInRange(9, 11);
    }

    [Fact]
    public void UserWhoComesAndGoes_GainsNothing()
    {
        for (int i = 0; i < 100; i++) Add("patient");
        int again = 0;
        for (int i = 0; i < 60; i++)
        {
            Add("nervous");
            EngineSearch search = _line.Take();
            if (search.User == "nervous") again++;
            End(search, Tokens);
        }
        again.ShouldBeLessThanOrEqualTo(31);
    }

    [Fact]
    public void SearchesThatRanElsewhere_GoBeforeThoseOfTheirUserThatHaveNotBegun_InTheOrderOfArrival()
    {
        EngineSearch other = Add("other");
        EngineSearch fresh = Add("one"), first = Add("one", ranBefore: true), second = Add("one", ranBefore: true);
        EngineSearch[] expected = [other, first, second, fresh];
        _line.InOrder().ShouldBe([other, first, second, fresh]);
        expected.Select(_ => _line.Take()).ShouldBe(expected);
    }

    [Fact]
    public void PreemptedSearch_StaysBeforeOneThatRanElsewhere()
    {
        EngineSearch preempted = Add("one");
        Add("one");
        _line.Take();
        preempted.Search = SearchFactory.Create(preempted.Ticket, new HashModel());
        _line.Return(preempted);
        EngineSearch moved = Add("one", ranBefore: true);
        _line.Take().ShouldBe(preempted);
        _line.Take().ShouldBe(moved);
    }

    [Fact]
    public void WithinAUser_AndAmongThoseWhoNameNobody_TheOrderIsThatOfArrival()
    {
        EngineSearch[] searches = [Add(null), Add(""), Add(null)];
        searches.Select(_ => _line.Take()).ShouldBe(searches);
    }

    [Fact]
    public void InteractiveSearches_GoBeforeBatchWork_WhoeverSentThem()
    {
        EngineSearch batch = Add("a", RequestPriority.Batch);
        EngineSearch[] interactive = [Add("b"), Add("b"), Add("a")];
        _line.InOrder().Last().ShouldBe(batch);
        _line.InOrder().Take(3).ShouldBe(interactive, ignoreOrder: true);
    }

    [Fact]
    public void SearchTakenBack_IsTheFirstOfItsUserAgain()
    {
        EngineSearch first = Add("a", RequestPriority.Batch);
        Add("a", RequestPriority.Batch);
        _line.Take().ShouldBe(first);
        _line.Return(first);
        _line.Take().ShouldBe(first);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FrontThatThePlannerSees_IsWhatIsTaken_WhateverHappenedBefore(int seed)
    {
        Random random = new(seed);
        List<EngineSearch> running = [];
        for (int i = 0; i < 2000; i++)
        {
            switch (random.Next(6))
            {
                case 0 when running.Count > 0:
                    EngineSearch ended = running[random.Next(running.Count)];
                    running.Remove(ended);
                    End(ended, random.Next(1, 20));
                    break;
                case 1 when running.Count > 0:
                    _line.Return(running[^1]);
                    running.RemoveAt(running.Count - 1);
                    break;
                case 2 when _line.Count > 0:
                    _line.Remove(_line.All().ElementAt(random.Next(_line.Count)));
                    break;
                case 3 when _line.Count > 3:
                    foreach (EngineSearch expected in _line.InOrder().Take(3).ToArray())
                    {
                        _line.Take().ShouldBe(expected);
                        running.Add(expected);
                    }
                    break;
                default:
                    Add($"u{random.Next(5)}", (RequestPriority)random.Next(2), random.Next(2, 50));
                    break;
            }
            _line.InOrder().Count().ShouldBe(_line.Count);
            _line.Tokens.ShouldBe(_line.All().Sum(search => search.Tokens));
        }
    }

    private Dictionary<string, int> Served(int count)
    {
        Dictionary<string, int> taken = [];
        for (int i = 0; i < count; i++)
        {
            EngineSearch search = _line.Take();
            taken[search.User] = taken.GetValueOrDefault(search.User) + 1;
            End(search, (int)search.Tokens);
        }
        return taken;
    }

    private EngineSearch Add(
        string? user, RequestPriority priority = RequestPriority.Interactive, int tokens = Tokens, bool ranBefore = false)
    {
        SearchTicket ticket = Tickets.Greedy([1], tokens - 1, priority) with { User = user, RanBefore = ranBefore };
        EngineSearch search = new(ticket, ++_arrivals, new SearchOutput(ticket, Chunks, TimeProvider.System));
        _line.Add(search);
        return search;
    }

    private void End(EngineSearch search, int served)
    {
        search.GeneratedTokens = served;
        _line.Settle(search);
    }
}
