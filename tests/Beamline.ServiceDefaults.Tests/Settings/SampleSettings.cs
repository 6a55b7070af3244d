using System.ComponentModel.DataAnnotations;

namespace Beamline.ServiceDefaults.Tests.Settings;

public sealed class SampleSettings
{
    public string? Name { get; set; }

    [Range(1, 10)]
    public int Count { get; set; } = 5;

    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(2);

    public bool IsOn { get; set; }

    public DayOfWeek? Day { get; set; }

    public IList<int> Numbers { get; } = [];

    public SampleNested Nested { get; set; } = new();

    public string Derived => $"{Name}!";
}
