using System.Text.Json;
using Beamline.Abstractions.Errors;
using Beamline.Server.Http.Errors;

namespace Beamline.Server.Http.Requests;

/// <summary>Reads a request's body.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>The body, which must be a JSON object.</summary>
    /// <exception cref="BeamlineException">It is not.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        // Browsers send other types across sites without asking first; demanding this one keeps strange pages away from a local server.
        if (!request.HasJsonContentType())
        {
            throw new BeamlineException(HttpFailure.UnsupportedMediaType, "The body has to be sent as Content-Type: application/json.");
        }
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, Options, cancellationToken);
        }
        catch (JsonException e)
        {
            string place = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw new BeamlineException(BeamlineErrorCode.InvalidRequest, $"The body is not valid JSON{place}.", e);
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        document.Dispose();
        throw new BeamlineException(BeamlineErrorCode.InvalidRequest, "The body has to be a JSON object.");
    }
}
