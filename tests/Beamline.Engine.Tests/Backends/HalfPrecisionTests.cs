using System.Numerics.Tensors;
using Beamline.Abstractions.Workers;
using Beamline.Engine.Backends;
using Beamline.Models.Tokenizers;

namespace Beamline.Engine.Tests.Backends;

/// <summary>A model in fp16, which is what graphics processors compute with, against the same in fp32.</summary>
public sealed class HalfPrecisionTests(DeviceModel model) : IClassFixture<DeviceModel>
{
    private const int Tokens = 80;

    // Measured: 0.03 at most, where logits range over 30.
    private const float AllowedDifference = 0.1f;

    [Theory]
    [InlineData("Once upon a time")]
    [InlineData("The dog and the cat")]
    [InlineData("Lily wanted to go to the park because")]
    public void Greedy_TheSameIds_AndLogitsNearby(string prompt)
    {
        using IModelBackend full = model.Open("tales", rows: 1), half = model.Open("tales@fp16", rows: 1);
        ITokenizer tokenizer = model.Files("tales").LoadTokenizer();
        int[] tokens = [.. tokenizer.Encode(prompt)];
        float largest = 0;
        int one = full.Kv.Open(isBrief: true), other = half.Kv.Open(isBrief: true);
        for (int step = 0; step < Tokens; step++)
        {
            ReadOnlySpan<float> expected = Run(full, one, tokens), actual = Run(half, other, tokens);
            largest = float.Max(largest, TensorPrimitives.Distance(expected, actual) / MathF.Sqrt(expected.Length));
            int next = TensorPrimitives.IndexOfMax(expected);
            TensorPrimitives.IndexOfMax(actual).ShouldBe(next, $"step {step}");
            tokens = [next];
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"{largest}");
        largest.ShouldBeLessThan(AllowedDifference);
    }

    [Fact]
    public void KeysAndValues_TakeHalf()
    {
        KvLayout full = model.Files("tales").Description.Kv, half = model.Files("tales@fp16").Description.Kv;

        half.Element.ShouldBe(KvElement.Float16);
        half.BytesPerPosition.ShouldBe(full.BytesPerPosition / 2);
    }

    private static ReadOnlySpan<float> Run(IModelBackend backend, int sequence, int[] tokens)
    {
        ForwardPass pass = new(rows: 1, tokens: 64);
        int length = backend.Kv.Length(sequence);
        if (tokens.Length > 1) pass.Add(sequence, length, tokens);
        else pass.Add(sequence, length, tokens[0], wantsLogits: true);
        using IKvReservation reservation = backend.Kv.TryReserve(pass)!;
        backend.Run(pass);
        reservation.Commit();
        return backend.Logits.Span;
    }
}
