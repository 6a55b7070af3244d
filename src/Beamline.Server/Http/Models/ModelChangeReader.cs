using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Server.Http.Requests;

namespace Beamline.Server.Http.Models;

/// <summary>Reads which workers a change is for.</summary>
internal static class ModelChangeReader
{
    private const string Field = "workers";

    /// <summary>The ids that the body names, each once; null when it names none: all workers.</summary>
    /// <exception cref="BeamlineException">The body is not of the right form, or was not sent as JSON.</exception>
    public static async Task<string[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Even where nothing is sent the type has to be given: a strange web page cannot do that without asking first.
        if (request.ContentLength is 0 or null && request.HasJsonContentType() && !request.Headers.ContainsKey("Transfer-Encoding"))
        {
            return null;
        }
        using JsonDocument body = await JsonBody.ReadAsync(request, cancellationToken);
        RequestFields fields = new(body.RootElement);
        string[]? workers = Take(fields);
        foreach (string name in fields.Left) fields.Faults.Add(new(name, "not a field of this route", Field));
        return fields.Faults.Count == 0 ? workers : throw new BeamlineException(BeamlineError.Invalid([.. fields.Faults]));
    }

    private static string[]? Take(RequestFields fields)
    {
        if (!fields.TryTake(Field, out JsonElement value)) return null;
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(id => id.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(id => id.GetString()!).Distinct()];
        }
        fields.Refuse(Field, value, "a list of worker ids, such as [\"silo1/cpu:0\"]");
        return null;
    }
}
