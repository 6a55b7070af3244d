using System.Collections.Immutable;
using Beamline.Abstractions.Parameters;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Searches;
using Beamline.Decoding.Stopping;
using Beamline.Decoding.Validation;
using Beamline.Engine.Configuration;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Selection;
using Beamline.Engine.Tests.Doubles;
using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;
using Beamline.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Beamline.Engine.Tests.Exactness;

/// <summary>The embedded model on ONNX Runtime, in every precision; imported once for the class that uses it.</summary>
public sealed class RealModel : IDisposable
{
    private readonly TemporaryFolder _cache = new();
    private readonly ModelCatalogue _catalogue;
    private int _made;

    public RealModel() => _catalogue = new(new()
    {
        CacheFolder = _cache.Path, EmbeddedFolder = Repository.File("models"),
    });

    internal InferenceEngine Open(string name, Action<EngineOptions>? change = null)
    {
        CachedModel model = _catalogue.Open(name);
        EngineOptions options = new() { StreamInterval = TimeSpan.Zero };
        change?.Invoke(options);
        ITokenizer tokenizer = model.LoadTokenizer();
        return new(
            new(model.Description, BackendOf(model, options.Threads), new Bytes(tokenizer))
            {
                AfterStep = HashModel.Enforce,
            },
            options,
            TimeProvider.System,
            NullLogger.Instance);
    }

    internal CachedModel Find(string name) => _catalogue.Open(name);

    private static IBackendFactory BackendOf(CachedModel model, int threads) => BackendFactories.For(
        default, Enum.Parse<BackendChoice>(TestDevice.Backend, ignoreCase: true), model.GraphPath, model.Description, threads);

    internal SearchTicket Ticket(
        ImmutableArray<int> prompt, GenerationParameters values, RequestPriority priority = RequestPriority.Interactive)
    {
        CheckedParameters parameters = ParameterValidator.Check(values, new(4096, 512, [0], prompt.Length, FallbackSeed: 1)).OrThrow();
        return new()
        {
            Id = new(new($"exact-{Interlocked.Increment(ref _made)}"), 0, 0), Model = "tales", PromptIds = prompt, Parameters = parameters,
            Rows = parameters.MaxRows, Priority = priority,
        };
    }

    public void Dispose() => _cache.Dispose();

    private sealed class Bytes(ITokenizer tokenizer) : ITokenBytes
    {
        public ReadOnlySpan<byte> this[int id] => tokenizer.TokenBytes(id);
    }
}
