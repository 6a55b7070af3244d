using Beamline.Abstractions.Requests;

namespace Beamline.Abstractions.Searches;

/// <summary>Names one search: a request, one of its prompts, and one part of that prompt's samples.</summary>
/// <param name="Request">The run it belongs to.</param>
/// <param name="Prompt">The prompt's place in the request, from 0.</param>
/// <param name="Part">The part's number, from 0; searches that are not split have one part.</param>
[GenerateSerializer, Immutable, Alias("Beamline.SearchId")]
public readonly record struct SearchId([property: Id(0)] RequestId Request, [property: Id(1)] int Prompt, [property: Id(2)] int Part)
{
    /// <summary>The grain key: <c>request/prompt/part</c>.</summary>
    public override string ToString() => $"{Request}/{Prompt}/{Part}";

    /// <summary>Reads a grain key back.</summary>
    /// <exception cref="FormatException">It is not of the form <c>request/prompt/part</c>.</exception>
    public static SearchId Parse(string key)
    {
        string[] parts = key.Split('/');
        if (parts.Length != 3) throw new FormatException($"'{key}' is not of the form request/prompt/part.");
        return new(new(parts[0]), int.Parse(parts[1], null), int.Parse(parts[2], null));
    }
}
