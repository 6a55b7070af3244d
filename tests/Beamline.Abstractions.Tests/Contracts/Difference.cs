using System.Collections;
using System.Reflection;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>Compares two contracts member by member: records compare the identity of the arrays in them, not what these hold.</summary>
internal static class Difference
{
    /// <summary>Where two values differ, such as <c>.Hypotheses[1].Text</c>; null when they are the same.</summary>
    public static string? Between(object? left, object? right, string path = "")
    {
        if (left is null || right is null) return ReferenceEquals(left, right) ? null : $"{path}: {left ?? "null"} and {right ?? "null"}";
        if (left.GetType() != right.GetType()) return $"{path}: {left.GetType().Name} and {right.GetType().Name}";
        if (left is IDictionary lefts && right is IDictionary rights) return BetweenDictionaries(lefts, rights, path);
        if (left is IList leftItems && right is IList rightItems) return BetweenLists(leftItems, rightItems, path);
        bool isContract = left.GetType().Assembly == ContractTypes.Assembly && left is not Enum;
        if (!isContract) return left.Equals(right) ? null : $"{path}: {left} and {right}";

        for (Type? level = left.GetType(); level is not null && level.Assembly == ContractTypes.Assembly; level = level.BaseType)
        {
            foreach (PropertyInfo property in ContractTypes.DataOf(level))
            {
                string? difference = Between(property.GetValue(left), property.GetValue(right), $"{path}.{property.Name}");
                if (difference is not null) return difference;
            }
        }
        return null;
    }

    private static string? BetweenLists(IList left, IList right, string path)
    {
        if (left.Count != right.Count) return $"{path}: {left.Count} and {right.Count} items";
        for (int i = 0; i < left.Count; i++)
        {
            if (Between(left[i], right[i], $"{path}[{i}]") is { } difference) return difference;
        }
        return null;
    }

    private static string? BetweenDictionaries(IDictionary left, IDictionary right, string path)
    {
        if (left.Count != right.Count) return $"{path}: {left.Count} and {right.Count} entries";
        foreach (object key in left.Keys)
        {
            if (!right.Contains(key)) return $"{path}: {key} is missing";
            if (Between(left[key], right[key], $"{path}[{key}]") is { } difference) return difference;
        }
        return null;
    }
}
