namespace Beamline.Engine.Batching;

/// <summary>A forward pass failed; the rows are as they were before it.</summary>
internal sealed class ForwardException(Exception inner) : Exception(inner.Message, inner);
