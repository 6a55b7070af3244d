using Beamline.Testing;
using YamlDotNet.RepresentationModel;

namespace Beamline.Cluster.Tests.Kubernetes;

/// <summary>The files of <c>deploy/kubernetes</c>, read.</summary>
internal sealed class Manifests
{
    private readonly List<YamlMappingNode> _objects = [];

    public Manifests()
    {
        foreach (string file in Directory.GetFiles(Repository.File("deploy", "kubernetes"), "*.yaml").Order(StringComparer.Ordinal))
        {
            using StreamReader text = File.OpenText(file);
            YamlStream stream = [];
            stream.Load(text);
            _objects.AddRange(stream.Documents.Select(document => (YamlMappingNode)document.RootNode));
        }
    }

    /// <summary>Kind and name of every object.</summary>
    public string[] Names => [.. _objects.Select(one => $"{Text(one, "kind")}/{Text(one, "metadata/name")}")];

    /// <summary>An object by kind and name.</summary>
    public YamlMappingNode Find(string name) => _objects[Array.IndexOf(Names, name)];

    /// <summary>What is at a path below a node, such as <c>spec/containers/0/image</c>.</summary>
    public static YamlNode At(YamlNode node, string path) => path.Split('/').Aggregate(
        node, (at, part) => at is YamlSequenceNode list ? list[int.Parse(part, null)] : at[new YamlScalarNode(part.Replace('|', '/'))]);

    /// <summary>A scalar at a path; a <c>|</c> in it stands for a slash in a name.</summary>
    public static string Text(YamlNode node, string path) => ((YamlScalarNode)At(node, path)).Value!;

    /// <summary>A list of scalars at a path.</summary>
    public static string[] List(YamlNode node, string path) =>
        [.. ((YamlSequenceNode)At(node, path)).Select(item => ((YamlScalarNode)item).Value!)];

    /// <summary>A container's variables: what they are, or the path of the field or secret that they come from.</summary>
    public static Dictionary<string, string> Environment(YamlNode container) => ((YamlSequenceNode)At(container, "env")).ToDictionary(
        variable => Text(variable, "name"),
        variable => ((YamlMappingNode)variable).Children.ContainsKey("value") ? Text(variable, "value")
            : ((YamlMappingNode)At(variable, "valueFrom")).Children.ContainsKey("fieldRef") ? Text(variable, "valueFrom/fieldRef/fieldPath")
            : $"{Text(variable, "valueFrom/secretKeyRef/name")}/{Text(variable, "valueFrom/secretKeyRef/key")}");
}
