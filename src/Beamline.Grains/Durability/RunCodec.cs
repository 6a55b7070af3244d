using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Beamline.Grains.Durability;

/// <summary>Turns runs into what is stored of them, within <see cref="DurableOptions.MaxBytes"/>. Safe for concurrent use.</summary>
internal sealed class RunCodec(Serializer serializer, IOptions<DurableOptions> options)
{
    /// <summary>The stored form. An outcome that is too large is cut down to its last update, or replaced by an error.</summary>
    /// <exception cref="BeamlineException">The request alone is too large.</exception>
    public StoredState Encode(StoredRun run)
    {
        int limit = options.Value.MaxBytes;
        byte[] request = serializer.SerializeToArray(run.Request);
        if (request.Length > limit)
        {
            throw new BeamlineException(BeamlineError.Invalid(
                [new Fault("durable", $"true with a request of {Counted.Of(request.Length, "byte")}", $"at most {limit} bytes")]));
        }
        return new()
        {
            Request = request,
            Restarts = run.Restarts,
            Started = run.Started,
            Story = run.IsEnded ? EncodeStory(run.Story, limit - request.Length) : null,
            Ended = run.Ended,
        };
    }

    /// <summary>The run of a stored form.</summary>
    /// <exception cref="BeamlineException">It cannot be read: it is damaged, or a much newer version wrote it.</exception>
    public StoredRun Decode(StoredState state)
    {
        try
        {
            GenerationRequest request = serializer.Deserialize<GenerationRequest>(state.Request)
                ?? throw new InvalidDataException("It holds no request.");
            ImmutableArray<GenerationUpdate> story =
                state.Story is { } bytes ? serializer.Deserialize<ImmutableArray<GenerationUpdate>>(bytes) : [];
            return new(request, state.Restarts, state.Started, story, state.Ended);
        }
        catch (Exception e)
        {
            throw new BeamlineException(
                BeamlineErrorCode.Storage, "What is stored of the request cannot be read; was it written by a newer version?", e);
        }
    }

    private byte[] EncodeStory(ImmutableArray<GenerationUpdate> story, int limit)
    {
        byte[] whole = serializer.SerializeToArray(story);
        if (whole.Length <= limit) return whole;
        byte[] last = serializer.SerializeToArray(story[^1..]);
        if (last.Length <= limit) return last;
        BeamlineError error = BeamlineError.Invalid(
        [
            new Fault(
                "durable", $"true with an outcome of {Counted.Of(last.Length, "byte")}", $"at most {limit} bytes besides the request"),
        ]);
        return serializer.SerializeToArray(ImmutableArray.Create<GenerationUpdate>(new Failed(story[^1].Position, error)));
    }
}
