namespace Beamline.ServiceDefaults.Settings;

/// <summary>One thing that is wrong with a process' configuration.</summary>
/// <param name="Setting">The setting's full name, such as <c>Beamline:Cluster:SiloPort</c>.</param>
/// <param name="Problem">What is wrong and what is allowed, such as <c>is 70000; allowed: 0 to 65535</c>.</param>
public sealed record SettingFault(string Setting, string Problem)
{
    /// <summary>The fault of a value outside what is allowed.</summary>
    public static SettingFault NotAllowed(string setting, object? value, string allowed) =>
        new(setting, $"is {Show(value)}; allowed: {allowed}");

    /// <summary>The fault in one line.</summary>
    public override string ToString() => $"{Setting} {Problem}";

    private static string Show(object? value) => value switch
    {
        null => "not set",
        string { Length: 0 } => "empty",
        string { Length: > 80 } text => $"'{text[..77]}...'",
        string text => $"'{text}'",
        _ => string.Create(null, $"{value}"),
    };
}
