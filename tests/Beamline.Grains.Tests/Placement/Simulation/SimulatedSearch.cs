namespace Beamline.Grains.Tests.Placement.Simulation;

/// <summary>A search as the simulation sees it. Times in seconds.</summary>
internal sealed class SimulatedSearch
{
    public required int Silo { get; init; }

    public required double Arrival { get; init; }

    public required int Rows { get; init; }

    public required int Tokens { get; init; }

    /// <summary>Its prompt; searches with one beginning share it.</summary>
    public int[] Prompt { get; init; } = [];

    /// <summary>When it got its rows; NaN while it waits.</summary>
    public double Started { get; set; } = double.NaN;

    /// <summary>How often a worker took it.</summary>
    public int Offers { get; set; }
}
