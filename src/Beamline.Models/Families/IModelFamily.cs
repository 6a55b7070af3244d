using Beamline.Models.Configs;
using Beamline.Models.Weights;

namespace Beamline.Models.Families;

/// <summary>What distinguishes one family of models from the others: how its config.json reads and what its tensors are called.</summary>
internal interface IModelFamily
{
    /// <summary>The value of <c>model_type</c> that stands for it.</summary>
    string ModelType { get; }

    /// <summary>Reads sizes and switches; faults go to the reader, which reports them all.</summary>
    DecoderConfig ReadConfig(ConfigReader json);

    /// <summary>Finds every tensor the graph needs; faults go to the finder, which reports them all.</summary>
    DecoderWeights FindWeights(DecoderConfig config, WeightFinder finder);
}
