using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Beamline.Abstractions.Errors;

namespace Beamline.Abstractions.Tests.Contracts;

/// <summary>
/// Makes random values of any contract: empty and absent members as often as filled ones. The same seed makes the same value.
/// </summary>
/// <param name="seed">Of the random numbers.</param>
/// <param name="finite">Whether infinite numbers are left out: a number in JSON is finite.</param>
internal sealed class SampleMaker(int seed, bool finite = false)
{
    // Whole characters only: text travels as UTF-8, in which half a surrogate pair becomes U+FFFD.
    private static readonly string[] Texts = ["", "a", "Once upon a time", "\0", "é ü 日本 🙂", "line\nbreak"];
    private static readonly MethodInfo ArrayMaker = MethodOf(nameof(MakeArray));
    private static readonly MethodInfo DictionaryMaker = MethodOf(nameof(MakeDictionary));

    private readonly Random _random = new(seed);

    /// <summary>A value of a type; never null.</summary>
    public object Make(Type type)
    {
        if (type == typeof(BeamlineException)) return new BeamlineException((BeamlineError)Make(typeof(BeamlineError)));
        if (type == typeof(string)) return Texts[_random.Next(Texts.Length)];
        if (type == typeof(bool)) return _random.Next(2) == 1;
        if (type == typeof(int)) return Edge(int.MinValue, int.MaxValue, _random.Next(-50_000, 50_000));
        if (type == typeof(long)) return Edge(long.MinValue, long.MaxValue, _random.NextInt64());
        if (type == typeof(ulong)) return Edge(0UL, ulong.MaxValue, (ulong)_random.NextInt64());
        if (type == typeof(float)) return Edge(finite ? float.MinValue : float.NegativeInfinity, float.Epsilon, _random.NextSingle());
        if (type == typeof(double)) return Edge(finite ? double.MinValue : double.NegativeInfinity, double.Epsilon, _random.NextDouble());
        if (type == typeof(TimeSpan)) return TimeSpan.FromTicks(_random.NextInt64());
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(_random.Next(), TimeSpan.FromHours(_random.Next(-12, 0)));
        if (type.IsEnum)
        {
            Array values = Enum.GetValues(type);
            return values.GetValue(_random.Next(values.Length))!;
        }
        if (type.IsGenericType)
        {
            Type form = type.GetGenericTypeDefinition();
            Type[] arguments = type.GetGenericArguments();
            if (form == typeof(Nullable<>)) return Make(arguments[0]);
            if (form == typeof(ImmutableArray<>)) return ArrayMaker.MakeGenericMethod(arguments).Invoke(this, null)!;
            if (form == typeof(ImmutableDictionary<,>)) return DictionaryMaker.MakeGenericMethod(arguments).Invoke(this, null)!;
        }
        if (type.IsAbstract)
        {
            Type[] cases = [.. ContractTypes.Serializable.Where(candidate => candidate.BaseType == type)];
            return Make(cases[_random.Next(cases.Length)]);
        }
        return type.Assembly == ContractTypes.Assembly
            ? MakeRecord(type)
            : throw new NotSupportedException($"No sample of {type} is known: add one.");
    }

    private object MakeRecord(Type type)
    {
        object record = RuntimeHelpers.GetUninitializedObject(type);
        for (Type? level = type; level is not null && level.Assembly == ContractTypes.Assembly; level = level.BaseType)
        {
            NullabilityInfoContext nullability = new();
            foreach (PropertyInfo property in ContractTypes.DataOf(level))
            {
                bool mayBeNull = nullability.Create(property).ReadState == NullabilityState.Nullable;
                property.SetValue(record, mayBeNull && _random.Next(2) == 0 ? null : Make(property.PropertyType));
            }
        }
        return record;
    }

    private ImmutableArray<T> MakeArray<T>() => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => (T)Make(typeof(T)))];

    private ImmutableDictionary<TKey, TValue> MakeDictionary<TKey, TValue>()
        where TKey : notnull =>
        Enumerable.Range(0, _random.Next(4)).Select(_ => (TKey)Make(typeof(TKey))).Distinct()
            .ToImmutableDictionary(key => key, _ => (TValue)Make(typeof(TValue)));

    private object Edge<T>(T low, T high, T middle)
        where T : notnull => _random.Next(6) switch { 0 => low, 1 => high, 2 => default(T)!, _ => middle };

    private static MethodInfo MethodOf(string name) => typeof(SampleMaker).GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;
}
