using System.Net;
using Beamline.Server.Cluster.Postgres;
using Beamline.Server.Hosting;
using Beamline.ServiceDefaults.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Orleans.Runtime;
using Orleans.Storage;

namespace Beamline.Server.Tests.Cluster.Postgres;

/// <summary>The schema does what Orleans' providers rely on: each write checks what it replaces.</summary>
public sealed class PostgresTests(PostgresFixture fixture) : IClassFixture<PostgresFixture>
{
    private const string Kind = "story";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IMembershipTable Members => fixture.Services.GetRequiredService<IMembershipTable>();

    private IReminderTable Reminders => fixture.Services.GetRequiredService<IReminderTable>();

    private IGrainStorage Storage => fixture.Services.GetRequiredService<IGrainStorage>();

    [Fact]
    public async Task TheSilo_IsInTheTable_WithAGateway()
    {
        MembershipEntry entry = (await Members.ReadAllAsync(Token)).Members.ShouldHaveSingleItem().Item1;
        entry.Status.ShouldBe(SiloStatus.Active);
        entry.ProxyPort.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task TheSchema_AppliedAgain_BySeveralAtOnce_KeepsWhatIsThere()
    {
        GrainId id = NewId();
        await Storage.WriteStateAsync(Kind, id, new GrainState<List<string>>(["kept"]));
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(fixture.ConnectionString);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostgresSchema.ApplyAsync(source, Token)));
        (await PostgresSchema.IsAppliedAsync(source, Token)).ShouldBeTrue();
        (await ReadAsync(id)).State.ShouldBe(["kept"]);
    }

    [Fact]
    public async Task AState_IsReadAsWritten_AndClearedKeepsItsHistory()
    {
        GrainId id = NewId();
        GrainState<List<string>> state = new(["one"]);
        await Storage.WriteStateAsync(Kind, id, state);
        state.State = ["two"];
        await Storage.WriteStateAsync(Kind, id, state);
        GrainState<List<string>> read = await ReadAsync(id);
        (read.State!.Single(), read.ETag, read.RecordExists).ShouldBe(("two", "2", true));

        GrainState<List<string>> stale = await ReadAsync(id);
        await Storage.ClearStateAsync(Kind, id, read);
        read = await ReadAsync(id);
        (read.State!.Count, read.RecordExists).ShouldBe((0, false));
        await Should.ThrowAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Kind, id, stale));
    }

    [Fact]
    public async Task OfTwoWriters_OfOneState_OneIsRefused()
    {
        GrainId id = NewId();
        await Storage.WriteStateAsync(Kind, id, new GrainState<List<string>>(["first"]));
        GrainState<List<string>> one = await ReadAsync(id), other = await ReadAsync(id);
        (one.State, other.State) = (["one"], ["other"]);
        await Storage.WriteStateAsync(Kind, id, one);
        await Should.ThrowAsync<InconsistentStateException>(() => Storage.WriteStateAsync(Kind, id, other));
        (await ReadAsync(id)).State.ShouldBe(["one"]);
    }

    [Fact]
    public async Task OfManyFirstWriters_ExactlyOneSucceeds()
    {
        GrainId id = NewId();
        bool[] wrote = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            try
            {
                await Storage.WriteStateAsync(Kind, id, new GrainState<List<string>>([$"{i}"]));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        wrote.Count(yes => yes).ShouldBe(1);
        (await ReadAsync(id)).State.ShouldBe([$"{Array.IndexOf(wrote, true)}"]);
    }

    [Fact]
    public async Task AMembershipEntry_NeedsTheVersionThatFollows()
    {
        MembershipTableData before = await Members.ReadAllAsync(Token);
        MembershipEntry entry = NewSilo();
        (await Members.InsertRowAsync(entry, before.Version.Next(), Token)).ShouldBeTrue();
        (await Members.InsertRowAsync(NewSilo(), before.Version.Next(), Token)).ShouldBeFalse("the version was used");
        MembershipTableData after = await Members.ReadAllAsync(Token);
        (await Members.InsertRowAsync(entry, after.Version.Next(), Token)).ShouldBeFalse("the silo is there already");
        after.Version.Version.ShouldBe(before.Version.Version + 1);

        (MembershipEntry found, string etag) = (await Members.ReadRowAsync(entry.SiloAddress, Token)).Members.ShouldHaveSingleItem();
        found.Status = SiloStatus.Dead;
        found.AddSuspector(entry.SiloAddress, DateTime.UtcNow);
        (await Members.UpdateRowAsync(found, etag, before.Version.Next(), Token)).ShouldBeFalse("the version is old");
        (await Members.UpdateRowAsync(found, etag, after.Version.Next(), Token)).ShouldBeTrue();
        found = (await Members.ReadRowAsync(entry.SiloAddress, Token)).Members.Single().Item1;
        (found.Status, found.SuspectTimes?.Count).ShouldBe((SiloStatus.Dead, 1));

        await Members.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddHours(1), Token);
        MembershipTableData last = await Members.ReadAllAsync(Token);
        last.Members.ShouldHaveSingleItem().Item1.Status.ShouldBe(SiloStatus.Active);
    }

    [Fact]
    public async Task AReminder_IsFoundByItsRange_AndGoesWithItsEtagOnly()
    {
        GrainId id = NewId();
        ReminderEntry entry = new() { GrainId = id, ReminderName = "again", StartAt = DateTime.UtcNow, Period = TimeSpan.FromDays(40) };
        string? old = await Reminders.UpsertRow(entry, Token);
        string? etag = await Reminders.UpsertRow(entry, Token);
        etag.ShouldNotBe(old);
        uint hash = id.GetUniformHashCode();
        (await Reminders.ReadRows(hash - 1, hash, Token)).Reminders.ShouldContain(found => found.GrainId == id);
        (await Reminders.ReadRows(hash, hash - 1, Token)).Reminders.ShouldNotContain(found => found.GrainId == id);
        (await Reminders.ReadRows(id, Token)).Reminders.ShouldHaveSingleItem().Period.ShouldBe(TimeSpan.FromDays(40));

        (await Reminders.RemoveRow(id, "again", old!, Token)).ShouldBeFalse();
        (await Reminders.RemoveRow(id, "again", etag!, Token)).ShouldBeTrue();
        (await Reminders.ReadRow(id, "again", Token)).ShouldBeNull();
    }

    [Theory]
    [InlineData(60, "ahead of")]
    [InlineData(-60, "behind")]
    public async Task ASilo_WhoseClockIsAMinuteWrong_IsRefused(int seconds, string direction)
    {
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow.AddSeconds(seconds));
        (await RefusalOf(fixture.ConnectionString, clock)).ShouldMatch(
            $"^This machine's clock is 00:0[01]:[0-9]{{2}} {direction} the store's; allowed: 00:00:04. Set the clocks right$");
    }

    [Theory]
    [InlineData("Database=nowhere", "Beamline:Cluster:ConnectionString: the server refuses: database \"nowhere\" does not exist")]
    [InlineData("Username=nobody", "Beamline:Cluster:ConnectionString: the server refuses: role \"nobody\" does not exist")]
    [InlineData("Database=template1", "Beamline:Cluster:ConnectionString names a database without Beamline's tables; "
        + "set Beamline:Cluster:ApplySchema to true once")]
    public async Task ADatabase_ThatIsNotBeamlines_IsRefusedInOneLine(string wrong, string line) =>
        (await RefusalOf($"{fixture.ConnectionString};{wrong}")).ShouldBe(line);

    private static async Task<string> RefusalOf(string connectionString, TimeProvider? time = null)
    {
        await using WebApplication server = BeamlineServer.Build(
            ["--Beamline:Cluster:Provider", "Postgres", "--Beamline:Cluster:ConnectionString", connectionString],
            builder => builder.Services.AddSingleton(time ?? TimeProvider.System));
        return (await Should.ThrowAsync<StartException>(() => BeamlineServer.CheckAsync(server.Services, Token)))
            .Lines.ShouldHaveSingleItem();
    }

    private static GrainId NewId() => GrainId.Create(Kind, Guid.NewGuid().ToString());

    private static MembershipEntry NewSilo() => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 1, Random.Shared.Next(1, int.MaxValue)), SiloName = "made", HostName = "here",
        Status = SiloStatus.Joining, StartTime = DateTime.UtcNow, IAmAliveTime = DateTime.UtcNow,
    };

    private async Task<GrainState<List<string>>> ReadAsync(GrainId id)
    {
        GrainState<List<string>> state = new();
        await Storage.ReadStateAsync(Kind, id, state);
        return state;
    }
}
