using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Grains;
using Beamline.Abstractions.Searches;
using Beamline.Abstractions.Workers;

namespace Beamline.Server.Tests.Fakes;

/// <summary>A worker whose models come and go as asked, each after it was looked at twice; what a test says fails.</summary>
internal sealed class ScriptedWorker(string host, params string[] models) : IModelWorkerGrain
{
    private readonly Dictionary<string, (ModelStatus Status, int Looks)> _models =
        models.ToDictionary(name => name, name => (new ModelStatus(name, ModelState.Ready), 0));

    /// <summary>Why a load that has begun fails; null for none.</summary>
    public BeamlineError? Failure { get; set; }

    /// <summary>Why a change is refused; null for none.</summary>
    public BeamlineError? Refusal { get; set; }

    /// <summary>Whether nothing that has begun ever ends.</summary>
    public bool IsStuck { get; set; }

    /// <summary>By what name it knows a model.</summary>
    public Func<string, string> NameOf { get; set; } = static name => name;

    /// <summary>Models that were asked for, with what.</summary>
    public List<string> Asked { get; } = [];

    public WorkerId Id { get; } = new(host, "cpu:0");

    public ValueTask<ModelAnswer> LoadModelAsync(string model, CancellationToken cancellationToken)
    {
        Asked.Add($"load {model}");
        string name = NameOf(model);
        return new(Begin(name, !_models.ContainsKey(name), ModelState.Loading));
    }

    public ValueTask<ModelAnswer> UnloadModelAsync(string model, CancellationToken cancellationToken)
    {
        Asked.Add($"unload {model}");
        string name = NameOf(model);
        return new(Begin(name, _models.ContainsKey(name), ModelState.Draining));
    }

    public ValueTask<WorkerDescription> DescribeAsync()
    {
        foreach ((string name, (ModelStatus status, int looks)) in _models.ToArray())
        {
            _models[name] = (status, looks + 1);
            if (looks < 2 || IsStuck) continue;
            if (status.State == ModelState.Draining) _models.Remove(name);
            else if (status.State == ModelState.Loading) _models[name] = (Ended(status), 0);
        }
        return new(Describe());
    }

    /// <summary>What it announces.</summary>
    public WorkerDescription Describe()
    {
        string[] served = [.. _models.Values.Where(model => model.Status.State == ModelState.Ready).Select(model => model.Status.Name)];
        return new(Id, 1, WorkerState.Ready, [.. served.Select(ScriptedDirectory.ModelOf)], 16, 16, 0, 0, 1, 0, 0, "cpu")
        {
            Loads = [.. served.Select(name => new ModelLoad(name, 16, 16, 0, 0, 0, []))],
            Statuses = [.. _models.Values.Select(model => model.Status)],
        };
    }

    public ValueTask<SubmitAnswer> SubmitAsync(SearchTicket ticket, bool mayWait, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<SearchReading> ReadAsync(SearchId search, string model, long epoch, long from, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask ForgetAsync(SearchId search) => throw new NotSupportedException();

    public ValueTask DrainAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private ModelStatus Ended(ModelStatus loading) => Failure is null
        ? loading with { State = ModelState.Ready }
        : loading with { State = ModelState.Failed, Problem = Failure };

    private ModelAnswer Begin(string model, bool isNews, ModelState state)
    {
        if (Refusal is not null) return new(model, IsUnderWay: false, Refusal);
        if (isNews) _models[model] = (new(model, state), 0);
        return new(model, isNews);
    }
}
