using Beamline.Decoding.Stopping;

namespace Beamline.Engine.Tests.Faults;

/// <summary>Makes searches with stop strings fail by a defect.</summary>
internal sealed class FailingBytes : ITokenBytes
{
    public ReadOnlySpan<byte> this[int id] => throw new InvalidOperationException("injected: a defect of the state machine");
}
