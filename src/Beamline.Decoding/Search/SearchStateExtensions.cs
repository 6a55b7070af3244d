using Beamline.Abstractions.Searches;

namespace Beamline.Decoding.Search;

/// <summary>Questions about a recorded state.</summary>
internal static class SearchStateExtensions
{
    /// <summary>Whether nothing has happened yet: the search begins with the prompt's row.</summary>
    public static bool IsStart(this SearchState state) => state.Step == 0 && state.Finished.IsEmpty;
}
