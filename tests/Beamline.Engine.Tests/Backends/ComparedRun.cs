using System.Runtime.InteropServices;
using Beamline.Engine.Backends;

namespace Beamline.Engine.Tests.Backends;

/// <summary>Drives a backend and, sequence by sequence, a plain run with the same tokens; asserts equal logits after every pass.</summary>
internal sealed class ComparedRun(IModelBackend backend, PlainRun plain, int vocabularySize)
{
    private readonly ForwardPass _pass = new(rows: 64, tokens: 512);
    private readonly Dictionary<string, (int Id, PlainRun.Sequence Plain)> _sequences = [];
    private readonly Random _random = new(1);

    public IKvCache Kv => backend.Kv;

    public void Open(string name, bool isBrief = true) => _sequences.Add(name, (Kv.Open(isBrief), plain.Begin()));

    public void Fork(string source, string name) =>
        _sequences.Add(name, (Kv.TryFork(_sequences[source].Id)!.Value, _sequences[source].Plain.Fork()));

    public void Refork(string source, string target, int common)
    {
        Kv.TryRefork(_sequences[source].Id, _sequences[target].Id, common).ShouldBeTrue();
        _sequences[target] = (_sequences[target].Id, _sequences[source].Plain.Fork());
    }

    public void SaveAndRestore(string source, string name)
    {
        int id = _sequences[source].Id, length = Kv.Length(id);
        Open(name, isBrief: false);
        using KvSnapshot snapshot = Kv.Save(id, 0, length);
        Kv.TryRestore(snapshot, _sequences[name].Id, length).ShouldBeTrue();
        _sequences[name] = (_sequences[name].Id, _sequences[source].Plain.Fork());
    }

    public void Drop(string name)
    {
        Kv.Drop(_sequences[name].Id);
        _sequences.Remove(name);
    }

    public bool Reopen() => backend.Reopen();

    public bool HasRoom(string name)
    {
        int id = _sequences[name].Id;
        _pass.Clear();
        _pass.Add(id, Kv.Length(id), token: 1, wantsLogits: true);
        using IKvReservation? reservation = Kv.TryReserve(_pass);
        return reservation is not null;
    }

    public void Prompt(params ReadOnlySpan<(string Name, int Tokens)> prompts)
    {
        _pass.Clear();
        foreach ((string name, int tokens) in prompts)
        {
            int id = _sequences[name].Id;
            _pass.Add(id, Kv.Length(id), [.. Enumerable.Range(0, tokens).Select(_ => Token())]);
        }
        Run();
    }

    public void Decode(params ReadOnlySpan<string> names) => Decode(names, silent: []);

    public void Decode(ReadOnlySpan<string> names, ReadOnlySpan<string> silent)
    {
        _pass.Clear();
        foreach (string name in names)
        {
            int id = _sequences[name].Id;
            _pass.Add(id, Kv.Length(id), Token(), wantsLogits: !silent.Contains(name));
        }
        Run();
    }

    private void Run()
    {
        using IKvReservation reservation = Kv.TryReserve(_pass)!;
        backend.Run(_pass);
        reservation.Commit();
        foreach (PassEntry entry in _pass.Entries)
        {
            (string name, var sequence) = _sequences.Single(pair => pair.Value.Id == entry.Sequence);
            float[] expected = sequence.Plain.Append(_pass.TokensOf(entry));
            if (entry.Logits < 0) continue;
            ReadOnlySpan<float> actual = backend.Logits.Span.Slice(entry.Logits * vocabularySize, vocabularySize);
            MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes<float>(expected)).ShouldBeTrue(
                $"{name} at {entry.Start}: its logits have other bits");
        }
    }

    private int Token() => _random.Next(vocabularySize);
}
