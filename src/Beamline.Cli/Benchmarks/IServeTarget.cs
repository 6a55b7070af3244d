namespace Beamline.Cli.Benchmarks;

/// <summary>What a load is put on.</summary>
internal interface IServeTarget : IAsyncDisposable
{
    /// <summary>Runs one request and says when tokens come.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokenCame">Called with the number of tokens that just came.</param>
    Task RunAsync(LoadRequest request, Action<int> tokenCame);
}
