using System.Xml.Linq;
using Beamline.Architecture.Tests.Sources;

namespace Beamline.Architecture.Tests.Rules;

/// <summary>Which project may see which: the dependency order of the design, as data.</summary>
internal static class ProjectOrder
{
    private static readonly Dictionary<string, string[]> References = new()
    {
        ["Beamline.Abstractions"] = [],
        ["Beamline.Decoding"] = ["Beamline.Abstractions"],
        ["Beamline.Models"] = ["Beamline.Abstractions"],
        ["Beamline.Engine"] = ["Beamline.Decoding", "Beamline.Models"],
        ["Beamline.Grains"] = ["Beamline.Engine"],
        ["Beamline.Client"] = ["Beamline.Abstractions"],
        ["Beamline.ServiceDefaults"] = [],
        ["Beamline.Store"] = ["Beamline.ServiceDefaults"],
        ["Beamline.Server"] = ["Beamline.Grains", "Beamline.Client", "Beamline.ServiceDefaults"],
        ["Beamline.Cli"] = ["Beamline.Server"],
        ["AppHost"] = ["Beamline.Server", "Beamline.Store"],
    };

    // Projects whose whole point is what they do not depend on.
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Beamline.Abstractions"] = ["Microsoft.Orleans.Sdk"],
        ["Beamline.Decoding"] = ["System.Numerics.Tensors"],
        ["Beamline.Models"] = ["Google.Protobuf", "Grpc.Tools", "Microsoft.ML.Tokenizers", "System.IO.Hashing"],
    };

    /// <summary>The projects the design knows.</summary>
    public static IEnumerable<string> Known => References.Keys;

    /// <summary>What a project file does that the order forbids.</summary>
    public static IEnumerable<string> Violations(SourceFile project)
    {
        string name = Path.GetFileNameWithoutExtension(project.Path);
        XDocument document = XDocument.Parse(project.Text);
        if (!References.TryGetValue(name, out string[]? allowed))
        {
            yield return $"{name} has no place in the dependency order: add it to the design and to this table";
            yield break;
        }
        foreach (string path in NamesOf(document, "ProjectReference"))
        {
            string reference = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
            if (!allowed.Contains(reference)) yield return $"{name} may not reference {reference}";
        }
        foreach (string package in NamesOf(document, "PackageReference"))
        {
            bool isFree = !Packages.TryGetValue(name, out string[]? few) || few.Contains(package);
            if (!isFree) yield return $"{name} may not use the package {package}";
        }
        if (document.Descendants("UseOnnxRuntime").Any() && name != "Beamline.Engine") yield return $"{name} may not use ONNX Runtime";
    }

    private static IEnumerable<string> NamesOf(XDocument document, string element) =>
        document.Descendants(element).Select(item => item.Attribute("Include")?.Value).OfType<string>();
}
