using Beamline.Abstractions.Workers;
using Beamline.Decoding.Stopping;
using Beamline.Engine.Memory;
using Beamline.Engine.Sessions;

namespace Beamline.Engine.Tests.Doubles;

/// <summary>Opens sessions that hash; passes may be made to fail or to wait.</summary>
internal sealed class HashModel(Action<ForwardShape>? beforePass = null) : ISessionFactory, ITokenBytes
{
    public const int Vocabulary = 37;
    public const int Context = 96;

    private readonly byte[][] _bytes = [.. Enumerable.Range(0, Vocabulary).Select(id => (byte[])[(byte)('A' + id)])];

    public static ModelDescription Description { get; } = new("hash", "hash", "fp32", 0, 3, 2, 4, Vocabulary, Context, 0, [], "");

    public int Opened { get; private set; }

    public ReadOnlySpan<byte> this[int id] => _bytes[id];

    public IModelSession Open(KvPool pool, ForwardBuffers buffers)
    {
        Opened++;
        return new HashSession(pool, buffers, beforePass);
    }

    public EngineModel ToEngineModel() => new(Description, this, this);
}
