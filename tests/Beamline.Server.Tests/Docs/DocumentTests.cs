using System.ComponentModel;
using System.Reflection;
using Beamline.Abstractions.Parameters;
using Beamline.Grains.Durability;
using Beamline.Grains.Workers;
using Beamline.Server.Administration;
using Beamline.Server.Cluster.Settings;
using Beamline.Server.Limits;
using Beamline.Testing;

namespace Beamline.Server.Tests.Docs;

/// <summary>The documents name what the code has, with its defaults.</summary>
public sealed class DocumentTests
{
    private static readonly string HttpApi = File.ReadAllText(Repository.File("docs", "http-api.md"));
    private static readonly string ClusterDocument = File.ReadAllText(Repository.File("docs", "cluster.md"));

    [Fact]
    public void EveryGenerationParameter_IsInTheHttpDocument() => GenerationJson.Default.GenerationParameters.Properties
        .Select(p => p.Name).Where(name => !HttpApi.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void EveryLimit_IsInTheHttpDocument_WithItsDefault() =>
        MissingRows(HttpApi, LimitSettings.Section, new LimitSettings()).ShouldBeEmpty();

    [Fact]
    public void EveryClusterSetting_IsInTheClusterDocument_WithItsDefault() =>
        MissingRows(ClusterDocument, ClusterSettings.Section, new ClusterSettings()).ShouldBeEmpty();

    [Fact]
    public void EveryAdministrationSetting_IsInTheClusterDocument_WithItsDefault() =>
        MissingRows(ClusterDocument, AdministrationSettings.Section, new AdministrationSettings()).ShouldBeEmpty();

    [Fact]
    public void EveryModelLimit_IsInTheClusterDocument() =>
        MissingRows(ClusterDocument, $"{WorkerOptions.Section}:Limits:0", new ModelLimits()).ShouldBeEmpty();

    [Fact]
    public void EveryDurableSetting_IsInTheClusterDocument_WithItsDefault() =>
        MissingRows(ClusterDocument, DurableOptions.Section, new DurableOptions()).ShouldBeEmpty();

    private static IEnumerable<string> MissingRows(string document, string section, object defaults)
    {
        foreach (PropertyInfo property in defaults.GetType().GetProperties().Where(p => p.SetMethod is not null))
        {
            string start = $"| `{section}:{property.Name}` | ";
            object? value = property.GetValue(defaults);
            if (value is not (null or Enum) && value.GetType().Namespace!.StartsWith("Beamline.", StringComparison.Ordinal))
            {
                foreach (string below in MissingRows(document, $"{section}:{property.Name}", value)) yield return below;
                continue;
            }
            // What a null stands for is said in words.
            string row = value is null ? start : $"{start}{TypeDescriptor.GetConverter(value).ConvertToInvariantString(value)} |";
            if (!document.Contains(row, StringComparison.Ordinal)) yield return row;
        }
    }
}
