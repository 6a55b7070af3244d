using Beamline.Testing;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Beamline.Cluster.Tests.Compose;

/// <summary>docker-compose.yml, read.</summary>
internal sealed class ComposeFile
{
    private readonly Dictionary<object, object> _root;

    public ComposeFile()
    {
        using StreamReader text = File.OpenText(Repository.File("docker-compose.yml"));
        _root = new DeserializerBuilder().Build().Deserialize<Dictionary<object, object>>(new MergingParser(new Parser(text)))!;
    }

    /// <summary>Names of the services.</summary>
    public string[] Services => Keys(Map(_root["services"]));

    /// <summary>Names of the volumes that are declared.</summary>
    public string[] Volumes => Keys(Map(_root["volumes"]));

    /// <summary>Names of the networks that are declared.</summary>
    public string[] Networks => Keys(Map(_root["networks"]));

    /// <summary>A list of a service, such as its ports; empty when it has none.</summary>
    public string[] ListOf(string service, string name) =>
        ServiceOf(service).TryGetValue(name, out object? list)
            ? list is Dictionary<object, object> map ? Keys(map) : [.. ((List<object>)list).Select(item => (string)item)]
            : [];

    /// <summary>A service's environment.</summary>
    public Dictionary<string, string?> EnvironmentOf(string service) => ServiceOf(service).TryGetValue("environment", out object? map)
        ? Map(map).ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value)
        : [];

    private static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;

    private static string[] Keys(Dictionary<object, object> map) => [.. map.Keys.Cast<string>()];

    private Dictionary<object, object> ServiceOf(string name) => Map(Map(_root["services"])[name]);
}
