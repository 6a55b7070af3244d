using Beamline.Models.Catalogue;
using Beamline.Models.Tokenizers;

namespace Beamline.Grains.Tests.Doubles;

/// <summary>The embedded model's tokenizer, for parts that need a real one and no model.</summary>
internal static class Tales
{
    public static ITokenizer Tokenizer { get; } = new ModelCatalogue(new()).LoadTokenizer(ModelCatalogue.DefaultModel);

    public const int VocabularySize = 4096;
}
