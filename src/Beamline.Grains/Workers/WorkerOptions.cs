using System.ComponentModel.DataAnnotations;
using Beamline.Engine.Backends;
using Beamline.Engine.Backends.Devices;
using Beamline.Engine.Backends.Selection;
using Beamline.Engine.Configuration;
using Microsoft.Extensions.Options;

namespace Beamline.Grains.Workers;

/// <summary>The devices of this silo and what they serve: section <c>Beamline:Workers</c>.</summary>
public sealed class WorkerOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Beamline:Workers";

    /// <summary>Whether this silo has workers at all. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Devices, each with a worker of its own: <c>cpu:0</c>, <c>cpu:1</c>, ..., <c>cuda:0</c>, ... Null: <c>cpu:0</c>. A CUDA device has to
    /// be there: it needs a build with ONNX Runtime's CUDA provider, and NVIDIA's driver.
    /// </summary>
    public IList<string>? Devices { get; set; }

    /// <summary>
    /// Which backend computes: <c>Auto</c>, the one that each device is made for, or <c>Device</c>, the one over a device's own memory on
    /// processors too. That is for tests: it does on a processor all that a CUDA device needs, and costs copies. Default Auto.
    /// </summary>
    [EnumDataType(typeof(BackendChoice))]
    public BackendChoice Backend { get; set; } = BackendChoice.Auto;

    /// <summary>Models each device serves, by name. Null: <c>tales</c>, the embedded one.</summary>
    public IList<string>? Models { get; set; }

    /// <summary>Limits of each model's engine on each device.</summary>
    [Required, ValidateObjectMembers]
    public EngineOptions Engine { get; set; } = new();

    /// <summary>What single models may take instead, an entry a model. Null: all take what <see cref="Engine"/> says.</summary>
    [ValidateEnumeratedItems]
    public IList<ModelLimits>? Limits { get; set; }

    /// <summary>
    /// How long a model may take to load while the silo runs, its import and the wait for other loads included; then it counts as failed.
    /// Range 1 s to 1 day; default 10 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LoadLimit { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long searches may go on here after their model was told to unload and no other worker has it; then they end as lost. Range
    /// 0 s to 1 day; default 5 min.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan UnloadLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between two announcements of an idle worker. Range 0.1 to 60 s; default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan AnnounceInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A search that nobody has read for so long is given up. Range 1 s to 1 h; default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan UnreadLimit { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a device is locked against other processes of this machine that use the same cache folder. Default true.</summary>
    public bool ExclusiveDevices { get; set; } = true;

    /// <summary>The devices in force.</summary>
    internal IEnumerable<string> EffectiveDevices => !Enabled ? [] : Devices ?? ["cpu:0"];

    /// <summary>The models in force.</summary>
    internal IEnumerable<string> EffectiveModels => Models ?? ["tales"];

    /// <summary>The limits in force for a model's engine.</summary>
    internal EngineOptions EngineFor(string model)
    {
        ModelLimits? own = Limits?.FirstOrDefault(limits => limits.Model == model);
        return Engine.With(own?.Rows ?? Engine.Rows, own?.KvBytes ?? Engine.KvBytes);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        List<ValidationResult> faults = [];
        HashSet<DeviceId> seen = [];
        Lazy<DeviceSurvey> survey = new(DeviceSurvey.Take);
        foreach (string name in EffectiveDevices)
        {
            string? fault = DeviceCatalogue.Fault(name);
            if (fault is null && DeviceId.TryParse(name, out DeviceId device))
            {
                fault = seen.Add(device)
                    ? DeviceCatalogue.Fault(device, () => survey.Value)
                    : $"{Section}:Devices has '{name}' twice; allowed: each device once";
            }
            if (fault is not null) faults.Add(new(fault));
        }
        foreach (IGrouping<string?, ModelLimits> same in (Limits ?? []).GroupBy(limits => limits.Model).Where(same => same.Count() > 1))
        {
            faults.Add(new($"{Section}:Limits has '{same.Key}' {same.Count()} times; allowed: each model once"));
        }
        return faults;
    }
}
