using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Requests;
using Beamline.Abstractions.Updates;
using Beamline.Grains.Durability;
using Beamline.Grains.Tests.Clusters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Serialization;

namespace Beamline.Grains.Tests.Durability;

/// <summary>What is stored of a run, and what of it when it is too large.</summary>
public sealed class RunCodecTests
{
    private static readonly Serializer Serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private static readonly GenerationRequest Request = Requests.Of(Requests.Sampled) with { Durable = true };

    private static readonly ImmutableArray<GenerationUpdate> Story =
    [
        .. Enumerable.Range(0, 100).Select(i => new TokenAppended(i, 0, 0, i, $"token {i} ", null)),
        new Completed(100, new(Request.Id, "tales", [], new(1, 2, 0), ["none"], 7)),
    ];

    private static readonly StoredRun Ended = new(Request, 3, DateTimeOffset.UnixEpoch, Story, DateTimeOffset.UnixEpoch.AddDays(1));

    private static RunCodec CodecOf(int bytes) => new(Serializer, Options.Create(new DurableOptions { MaxBytes = bytes }));

    private static int SizeOf<T>(T value) => Serializer.SerializeToArray(value).Length;

    [Fact]
    public void ARun_ComesBackAsItWas()
    {
        RunCodec codec = CodecOf(SizeOf(Request) + SizeOf(Story));
        StoredRun back = codec.Decode(codec.Encode(Ended));
        back.Request.HasSameContentAs(Request).ShouldBeTrue();
        (back.Restarts, back.Started, back.Ended).ShouldBe((3, Ended.Started, Ended.Ended));
        back.Story.Select(Requests.Describe).ShouldBe(Story.Select(Requests.Describe));

        StoredRun begun = codec.Decode(codec.Encode(Ended with { Story = [], Ended = null }));
        begun.IsEnded.ShouldBeFalse();
        begun.Story.ShouldBeEmpty();
    }

    [Fact]
    public void AStoryOneByteTooLong_IsCutToItsEnd()
    {
        RunCodec codec = CodecOf(SizeOf(Request) + SizeOf(Story) - 1);
        codec.Decode(codec.Encode(Ended)).Story.ShouldHaveSingleItem().ShouldBeOfType<Completed>().Position.ShouldBe(100);
    }

    [Fact]
    public void AnEndOneByteTooLong_IsAFailure_ThatSaysSo()
    {
        RunCodec codec = CodecOf(SizeOf(Request) + SizeOf(Story[^1..]) - 1);
        Failed failed = codec.Decode(codec.Encode(Ended)).Story.ShouldHaveSingleItem().ShouldBeOfType<Failed>();
        failed.Position.ShouldBe(100);
        failed.Error.Faults.ShouldHaveSingleItem().Field.ShouldBe("durable");
    }

    [Fact]
    public void ARequestOneByteTooLong_IsRefused()
    {
        CodecOf(SizeOf(Request)).Encode(Ended with { Story = [], Ended = null }).Request.Length.ShouldBe(SizeOf(Request));
        BeamlineException refused = Should.Throw<BeamlineException>(() => CodecOf(SizeOf(Request) - 1).Encode(Ended));
        refused.Error.Code.ShouldBe(BeamlineErrorCode.InvalidRequest);
        refused.Error.Faults.ShouldHaveSingleItem().Field.ShouldBe("durable");
    }

    [Fact]
    public void WhatCannotBeRead_IsSaid()
    {
        StoredState damaged = CodecOf(1 << 20).Encode(Ended);
        damaged.Request = damaged.Request[..^4];
        Should.Throw<BeamlineException>(() => CodecOf(1 << 20).Decode(damaged)).Error.Code.ShouldBe(BeamlineErrorCode.Storage);
        Should.Throw<BeamlineException>(() => CodecOf(1 << 20).Decode(new())).Error.Code.ShouldBe(BeamlineErrorCode.Storage);
    }
}
