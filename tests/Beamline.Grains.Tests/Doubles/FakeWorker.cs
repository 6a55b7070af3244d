using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>A worker that answers offers as a test says; the last answer stays.</summary>
internal sealed class FakeWorker : IModelWorkerGrain
{
    public Queue<Func<CancellationToken, SubmitAnswer>> Answers { get; } = new();

    public int Offers { get; private set; }

    /// <summary>Whether a search would have to wait here.</summary>
    public bool IsFull { get; set; }

    public List<SearchId> Forgotten { get; } = [];

    public ValueTask<SubmitAnswer> SubmitAsync(SearchTicket ticket, bool mayWait, CancellationToken cancellationToken)
    {
        Offers++;
        if (!mayWait && IsFull) return new(new SubmitAnswer(1, BeamlineError.Of(BeamlineErrorCode.Overloaded, "No rows are free.")));
        return new((Answers.Count > 1 ? Answers.Dequeue() : Answers.Peek())(cancellationToken));
    }

    public ValueTask ForgetAsync(SearchId search)
    {
        Forgotten.Add(search);
        return ValueTask.CompletedTask;
    }

    public ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ModelAnswer> LoadModelAsync(string model, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ModelAnswer> UnloadModelAsync(string model, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<WorkerDescription> DescribeAsync() => throw new NotSupportedException();
}
