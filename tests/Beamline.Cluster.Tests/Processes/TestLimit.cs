namespace Beamline.Cluster.Tests.Processes;

/// <summary>Ends a test whose processes do not do what is waited for; a good run takes a fraction of it.</summary>
internal static class TestLimit
{
    /// <summary>A token source that the end of the test run cancels, or the limit.</summary>
    public static CancellationTokenSource Of(int minutes)
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(minutes));
        return limit;
    }
}
