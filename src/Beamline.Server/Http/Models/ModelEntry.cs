using Beamline.Abstractions.Workers;

namespace Beamline.Server.Http.Models;

/// <summary>A model as OpenAI lists it, and what else is known of it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">Always 0: models have no date here, and clients demand one.</param>
/// <param name="OwnedBy">Always <c>beamline</c>.</param>
/// <param name="Family">The model type, such as <c>gpt2</c>.</param>
/// <param name="Precision">Of the weights, such as <c>fp32</c>.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="ContextLength">Prompt and output tokens at most.</param>
/// <param name="VocabularySize">Number of tokens.</param>
internal sealed record ModelEntry(
    string Id,
    string Object,
    long Created,
    string OwnedBy,
    string Family,
    string Precision,
    long Parameters,
    int ContextLength,
    int VocabularySize)
{
    /// <summary>The entry of a model.</summary>
    public static ModelEntry Of(ModelDescription model) => new(
        model.Name, "model", 0, "beamline", model.Family, model.Precision, model.Parameters, model.ContextLength, model.VocabularySize);
}
