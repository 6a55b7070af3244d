using Microsoft.Extensions.Configuration;

namespace Beamline.ServiceDefaults.Settings;

/// <summary>A section whose names and forms are checked at start, whoever binds it. Register one as a singleton.</summary>
/// <param name="Section">The section.</param>
/// <param name="Options">The class it fits: a property each setting, a class each section below.</param>
public sealed record CheckedSection(IConfigurationSection Section, Type Options);
