namespace Beamline.Engine.Loop;

/// <summary>What is left after a failed pass.</summary>
internal enum PassVerdict
{
    /// <summary>The engine goes on; a search that was to blame has ended.</summary>
    Sound,

    /// <summary>The engine goes on, but what its searches had computed is gone.</summary>
    Emptied,

    /// <summary>No pass works: the model has to be put onto the device again.</summary>
    Broken,
}
