namespace Beamline.Decoding.Processors;

/// <summary>The reference's defaults that are not neutral.</summary>
public static class ParameterDefaults
{
    /// <summary><c>top_k</c> when sampling without saying so: the reference's own default, which surprises many.</summary>
    public const int TopK = 50;
}
