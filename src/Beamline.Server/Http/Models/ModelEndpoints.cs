using System.Collections.Immutable;
using Beamline.Abstractions.Errors;
using Beamline.Abstractions.Workers;
using Beamline.Client;

namespace Beamline.Server.Http.Models;

/// <summary>What the cluster's workers serve.</summary>
internal static class ModelEndpoints
{
    /// <summary>Lists all.</summary>
    public static async Task ListAsync(HttpContext context)
    {
        ImmutableArray<ModelDescription> models = await FindAsync(context);
        await context.Response.WriteAsJsonAsync(new("list", [.. models.Select(ModelEntry.Of)]), ModelJson.Answers.ModelList);
    }

    /// <summary>Shows one.</summary>
    /// <exception cref="BeamlineException">No worker serves it.</exception>
    public static async Task GetAsync(HttpContext context)
    {
        string name = (string)context.Request.RouteValues["id"]!;
        ImmutableArray<ModelDescription> models = await FindAsync(context);
        ModelDescription model = models.FirstOrDefault(m => m.Name == name)
            ?? throw new BeamlineException(
                BeamlineErrorCode.ModelNotFound, $"There is no model '{name}'; known: {string.Join(", ", models.Select(m => m.Name))}.");
        await context.Response.WriteAsJsonAsync(ModelEntry.Of(model), ModelJson.Answers.ModelEntry);
    }

    private static Task<ImmutableArray<ModelDescription>> FindAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<BeamlineClient>().ListModelsAsync(context.RequestAborted);
}
