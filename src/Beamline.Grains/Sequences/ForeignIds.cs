using Beamline.Abstractions.Errors;

namespace Beamline.Grains.Sequences;

/// <summary>Names the ids of a prompt that the model does not have: none of them may reach a forward pass, whoever brought it.</summary>
internal static class ForeignIds
{
    private const int MaxShown = 3;

    /// <summary>Looks for them.</summary>
    /// <param name="field">The prompt's field.</param>
    /// <param name="ids">Its ids.</param>
    /// <param name="vocabularySize">How many the model has.</param>
    /// <param name="textOf">The token of an id, where the ids were made from a text and the caller never saw them; else null.</param>
    /// <returns>One fault with the first few of them, each once; null when there are none.</returns>
    public static Fault? Find(string field, IEnumerable<int> ids, int vocabularySize, Func<int, string>? textOf)
    {
        int[] foreign = [.. ids.Where(id => (uint)id >= (uint)vocabularySize).Distinct()];
        if (foreign.Length == 0) return null;
        string noun = textOf is null ? "id" : "token";
        string shown = string.Join(", ", foreign.Take(MaxShown).Select(id => textOf is null ? $"{id}" : $"'{textOf(id)}' (id {id})"));
        string more = foreign.Length > MaxShown ? $" and {foreign.Length - MaxShown} more" : "";
        return new(field, $"{noun}{(foreign.Length > 1 ? "s" : "")} {shown}{more}", $"ids from 0 to {vocabularySize - 1}");
    }
}
