using System.Collections.Immutable;
using System.Globalization;
using Beamline.Abstractions.Errors;

namespace Beamline.Decoding.Validation;

/// <summary>Collects faults and says each in the same way. A value that is not given is never a fault.</summary>
internal sealed class FaultList
{
    private const int LongestValue = 60;
    private readonly ImmutableArray<Fault>.Builder _faults = ImmutableArray.CreateBuilder<Fault>();

    /// <summary>Whether anything is wrong.</summary>
    public bool Any => _faults.Count > 0;

    /// <summary>All faults so far.</summary>
    public ImmutableArray<Fault> ToImmutable() => _faults.ToImmutable();

    /// <summary>A whole number within bounds, both allowed.</summary>
    public void Within(string field, int? value, int least, int most)
    {
        if (value is { } given && (given < least || given > most))
        {
            Add(field, given, most == int.MaxValue ? $"{least} or more" : $"{least} to {most}");
        }
    }

    /// <summary>A number that fulfils a condition; what is not finite never does.</summary>
    public void Number(string field, float? value, Func<float, bool> allowed, string rule)
    {
        if (value is { } given && !(float.IsFinite(given) && allowed(given))) Add(field, given, rule);
    }

    /// <summary>An id of the vocabulary.</summary>
    public void Id(string field, int? value, int vocabularySize) => Within(field, value, 0, vocabularySize - 1);

    /// <summary>Ids of the vocabulary; names the first that is none.</summary>
    public void Ids(string field, ImmutableArray<int> ids, int vocabularySize)
    {
        foreach (int id in ids)
        {
            if (id >= 0 && id < vocabularySize) continue;
            Id(field, id, vocabularySize);
            return;
        }
    }

    /// <summary>The number of entries of a list, within bounds.</summary>
    public void Length(string field, int length, int least, int most)
    {
        if (length < least || length > most) Add(field, $"{length} entries", $"{least} to {most} entries");
    }

    /// <summary>A fault.</summary>
    public void Add(string field, object value, string rule)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (text.Length > LongestValue) text = $"{text[..LongestValue]}...";
        _faults.Add(new(field, text, rule));
    }
}
