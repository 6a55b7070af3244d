using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Beamline.Abstractions.Errors;

namespace Beamline.Cli.Gateways;

/// <summary>A gateway of a running cluster, over HTTP.</summary>
internal sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client that has not asked anything yet.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="limit">Longest wait for an answer.</param>
    /// <exception cref="BeamlineException">It is no address.</exception>
    public GatewayClient(string url, TimeSpan limit)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            Fault fault = new("--url", $"'{url}'", "an address such as http://localhost:5000");
            throw new BeamlineException(BeamlineError.Invalid([fault]));
        }
        _http = new HttpClient { BaseAddress = address, Timeout = limit };
    }

    /// <summary>Reads what is at a path.</summary>
    /// <exception cref="BeamlineException">Nobody answers, or with an error.</exception>
    public Task<string> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    /// <summary>Posts JSON to a path.</summary>
    /// <exception cref="BeamlineException">Nobody answers, or with an error.</exception>
    public Task<string> PostAsync(string path, string json, CancellationToken cancellationToken)
    {
        StringContent content = new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using HttpRequestMessage sent = request;
            using HttpResponseMessage answer = await _http.SendAsync(sent, cancellationToken);
            string body = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? body : throw new BeamlineException(ErrorOf((int)answer.StatusCode, body));
        }
        catch (HttpRequestException e)
        {
            throw new BeamlineException(
                BeamlineErrorCode.NoWorker, $"Nobody answers at {_http.BaseAddress}; start a server there, or name another with --url.", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BeamlineException(
                BeamlineErrorCode.NoWorker, $"{_http.BaseAddress} has not answered within {_http.Timeout}.", e);
        }
    }

    /// <summary>The error of the envelope; what is no envelope is quoted.</summary>
    private BeamlineError ErrorOf(int status, string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement error = document.RootElement.GetProperty("error");
            return BeamlineError.Of(new(error.GetProperty("code").GetString()!), error.GetProperty("message").GetString()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return BeamlineError.Of(BeamlineErrorCode.NoWorker, $"{_http.BaseAddress} answers {status}: {body}");
        }
    }
}
