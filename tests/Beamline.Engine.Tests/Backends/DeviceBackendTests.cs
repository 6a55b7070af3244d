using Beamline.Abstractions.Errors;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Device;
using Beamline.Engine.Backends.Devices;
using Beamline.Models.Catalogue;

namespace Beamline.Engine.Tests.Backends;

/// <summary>
/// Passes over a device's memory give the bits of the graph run for each sequence alone over plain arrays. The processor stands for the
/// device: its memory is apart from the host's, so what is not copied shows.
/// </summary>
public sealed class DeviceBackendTests(DeviceModel model) : IClassFixture<DeviceModel>
{
    private const int Rows = 6;

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@fp16")]
    public void PromptAlone_ThenDecoded_SameBits(string name) => Compare(name, run =>
    {
        run.Open("a");
        run.Prompt(("a", 12));
        for (int step = 0; step < 6; step++) run.Decode("a");
    });

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@fp16")]
    public void PromptsSideBySide_Padded_SameBits(string name) => Compare(name, run =>
    {
        foreach (string sequence in (string[])["a", "b", "c", "d"]) run.Open(sequence);
        run.Prompt(("a", 3), ("b", 11), ("c", 2), ("d", 7));
        for (int step = 0; step < 4; step++) run.Decode("d", "a", "c", "b");
    });

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@fp16")]
    public void PromptInPieces_AsideFromRowsThatDecode_SameBits(string name) => Compare(name, run =>
    {
        run.Open("a");
        run.Open("b");
        run.Open("long", isBrief: false);
        run.Prompt(("a", 5), ("b", 4));
        for (int piece = 0; piece < 4; piece++)
        {
            run.Prompt(("long", 9));
            run.Decode("b", "a");
        }
        run.Decode("long", "a", "b");
    });

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@fp16")]
    public void RowsThatLeave_OthersMoveUp_SameBits(string name) => Compare(name, run =>
    {
        string[] sequences = ["a", "b", "c", "d", "e", "f"];
        foreach (string sequence in sequences) run.Open(sequence);
        run.Prompt(("a", 5), ("b", 4), ("c", 6), ("d", 5), ("e", 3), ("f", 4));
        run.Decode(sequences);
        run.Drop("b");
        run.Decode("a", "c", "d", "e", "f");
        run.Decode("f", "e", "d");              // the others stand aside, in slots that the pass takes
        run.Decode("a", "c");
        run.Open("g", isBrief: false);
        run.Drop("a");
        run.Prompt(("g", 8));
        run.Decode("c", "g", "f", "d", "e");
    });

    [Theory]
    [InlineData("tales")]
    [InlineData("tales@int8")]
    [InlineData("tales@fp16")]
    public void Forks_AndReforks_SameBits(string name) => Compare(name, run =>
    {
        run.Open("a");
        run.Prompt(("a", 7));
        run.Fork("a", "b");
        run.Fork("a", "c");
        for (int step = 0; step < 3; step++) run.Decode("a", "b", "c");
        run.Refork("c", "a", common: 7);
        run.Decode("b", "a", "c");
        run.SaveAndRestore("b", "d");
        run.Decode("d", "c", "b", "a");
    });

    [Fact]
    public void SlotsShorterThanTheContext_SameBits_AndRoomEndsThere() => Compare("tales", capacity: 32, run =>
    {
        run.Open("a");
        run.Open("b");
        run.Prompt(("a", 14), ("b", 20));
        for (int step = 0; step < 12; step++) run.Decode("a", "b");

        run.HasRoom("b").ShouldBeFalse();
        run.HasRoom("a").ShouldBeTrue();
        run.Kv.Cost(sequences: 1, shared: 0, length: 33).ShouldBeGreaterThan(run.Kv.Blocks);
        run.Kv.Cost(sequences: Rows, shared: 0, length: 32).ShouldBe(run.Kv.Blocks);
    });

    [Fact]
    public void RowsWithoutLogits_OthersKeepTheirOrder() => Compare("tales", run =>
    {
        foreach (string sequence in (string[])["a", "b", "c"]) run.Open(sequence);
        run.Prompt(("a", 5), ("b", 4), ("c", 6));
        run.Decode(["a", "b", "c"], silent: ["a"]);
        run.Decode(["c", "b", "a"], silent: ["b", "a"]);
        run.Decode("a", "b", "c");
    });

    [Fact]
    public void Reopened_SequencesAreStillThere() => Compare("tales", run =>
    {
        run.Open("a");
        run.Open("b");
        run.Prompt(("a", 5), ("b", 4));

        run.Reopen().ShouldBeTrue();

        run.Decode("a", "b");
    });

    [Fact]
    public void SessionThatCannotBeOpenedAgain_NoPassRuns_UntilItCan()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            CachedModel files = model.Files("tales");
            string graph = Path.Combine(folder, Path.GetFileName(files.GraphPath)), away = graph + ".away";
            foreach (string file in Directory.GetFiles(Path.GetDirectoryName(files.GraphPath)!))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }
            DeviceBackendFactory factory = new(new(DeviceKind.Cpu, 0), graph, files.Description, threads: 1);
            using IModelBackend backend = factory.Open(new(1, 64, files.Description.Kv.BytesPerPosition * 64));
            int sequence = backend.Kv.Open(isBrief: true);
            ForwardPass pass = new(1, 64);
            pass.Add(sequence, 0, [1, 2, 3]);

            File.Move(graph, away);
            Should.Throw<BeamlineException>(() => backend.Reopen());
            Should.Throw<BeamlineException>(() => backend.Reopen());
            using IKvReservation reservation = backend.Kv.TryReserve(pass)!;
            Should.Throw<InvalidOperationException>(() => backend.Run(pass));

            File.Move(away, graph);
            backend.Reopen().ShouldBeTrue();
            backend.Run(pass);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void DecodePass_AllocatesNothing()
    {
        using IModelBackend backend = model.Open("tales", Rows);
        ForwardPass pass = new(Rows, 64);
        int[] sequences = [.. Enumerable.Range(0, 4).Select(_ => backend.Kv.Open(isBrief: true))];
        for (int i = 0; i < 100; i++) Step();

        const int passes = 100;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < passes; i++) Step();

        ((GC.GetAllocatedBytesForCurrentThread() - before) / passes).ShouldBe(0);

        void Step()
        {
            pass.Clear();
            foreach (int sequence in sequences) pass.Add(sequence, backend.Kv.Length(sequence), token: 5, wantsLogits: true);
            using IKvReservation reservation = backend.Kv.TryReserve(pass)!;
            backend.Run(pass);
            reservation.Commit();
        }
    }

    [Fact]
    public void BudgetWithoutRoomForTwoBlocksARow_NamedSettings()
    {
        BeamlineError error = Should.Throw<BeamlineException>(() => model.Open("tales", Rows, capacity: 31)).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidConfiguration);
        error.Message.ShouldContain("Beamline:Workers:Engine:KvBytes");
        error.Message.ShouldContain("Beamline:Workers:Engine:Rows");
    }

    [Fact]
    public void DeviceThatIsNotThere_NamedError()
    {
        CachedModel files = model.Files("tales");
        DeviceBackendFactory factory = new(new(DeviceKind.Cuda, DeviceId.MaxIndex), files.GraphPath, files.Description, threads: 1);

        BeamlineError error = Should.Throw<BeamlineException>(() => factory.Open(new(1, 64, long.MaxValue)).Dispose()).Error;

        error.Code.ShouldBe(BeamlineErrorCode.InvalidConfiguration);
        error.Message.ShouldContain("cuda:1023");
    }

    private void Compare(string name, Action<ComparedRun> script) => Compare(name, capacity: null, script);

    private void Compare(string name, int? capacity, Action<ComparedRun> script)
    {
        using PlainRun plain = new(model.Files(name));
        using IModelBackend backend = model.Open(name, Rows, capacity);
        script(new(backend, plain, model.Files(name).Description.VocabularySize));
    }
}
