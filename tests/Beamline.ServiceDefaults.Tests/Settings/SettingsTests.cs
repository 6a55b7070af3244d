using Beamline.ServiceDefaults.Processes;
using Beamline.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Beamline.ServiceDefaults.Tests.Settings;

public sealed class SettingsTests
{
    [Fact]
    public void Settings_OfEveryForm_AreBound()
    {
        (SampleSettings now, ServiceProvider services) = Add(
            ("Name", "x"), ("count", "7"), ("Wait", "00:00:30"), ("IsOn", "true"), ("Day", "friday"),
            ("Numbers:0", "4"), ("Numbers:1", "2"), ("Nested:Weight", "0.5"));

        ProcessHost.CheckSettings(services);
        foreach (SampleSettings settings in new[] { now, services.GetRequiredService<IOptions<SampleSettings>>().Value })
        {
            settings.Name.ShouldBe("x");
            settings.Count.ShouldBe(7);
            settings.Wait.ShouldBe(TimeSpan.FromSeconds(30));
            settings.IsOn.ShouldBeTrue();
            settings.Day.ShouldBe(DayOfWeek.Friday);
            settings.Numbers.ShouldBe([4, 2]);
            settings.Nested.Weight.ShouldBe(0.5);
        }
    }

    [Fact]
    public void Settings_NotGiven_KeepTheirDefaults()
    {
        (SampleSettings now, ServiceProvider services) = Add();
        ProcessHost.CheckSettings(services);
        now.Count.ShouldBe(5);
        now.Day.ShouldBeNull();
    }

    [Fact]
    public void Settings_WithManyFaults_AreRefusedWithAllOfThem()
    {
        (_, ServiceProvider services) = Add(
            ("Count", "11"), ("Wait", "soon"), ("IsOn", "maybe"), ("Day", "someday"), ("Numbers:1", "x"), ("Nested:Weight", "heavy"),
            ("Nested:Hight", "1"), ("Derived", "no"), ("Nmae", "x"));

        IReadOnlyList<string> lines = Should.Throw<StartException>(() => ProcessHost.CheckSettings(services)).Lines;
        lines.ShouldBe(
            [
                "Sample:Count is 11; allowed: 1 to 10",
                "Sample:Wait is 'soon'; allowed: a time such as 00:00:30",
                "Sample:IsOn is 'maybe'; allowed: true, false",
                "Sample:Day is 'someday'; allowed: Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday",
                "Sample:Numbers:1 is 'x'; allowed: a whole number",
                "Sample:Nested:Weight is 'heavy'; allowed: a number",
                "Sample:Nested:Hight is not a setting; Sample:Nested has Weight",
                "Sample:Derived is not a setting; Sample has Name, Count, Wait, IsOn, Day, Numbers, Nested",
                "Sample:Nmae is not a setting; Sample has Name, Count, Wait, IsOn, Day, Numbers, Nested",
                "Sample:Name is not set; needed because the count is above 10",
            ],
            ignoreOrder: true);
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    [InlineData("10", true)]
    [InlineData("11", false)]
    [InlineData("9999999999", false)]
    public void ARange_HoldsAtItsBounds(string count, bool isAllowed)
    {
        (_, ServiceProvider services) = Add(("Count", count), ("Name", "x"));
        if (isAllowed) ProcessHost.CheckSettings(services);
        else Should.Throw<StartException>(() => ProcessHost.CheckSettings(services)).Lines.ShouldHaveSingleItem()
            .ShouldStartWith("Sample:Count is");
    }

    private static (SampleSettings Now, ServiceProvider Services) Add(params (string Key, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Sample:{s.Key}", (string?)s.Value))).Build();
        ServiceCollection services = new();
        SampleSettings now = services.AddSettings<SampleSettings>(configuration, "Sample", Relations);
        return (now, services.BuildServiceProvider());
    }

    private static IEnumerable<SettingFault> Relations(SampleSettings settings)
    {
        if (settings.Count > 10 && settings.Name is null)
        {
            yield return new("Sample:Name", "is not set; needed because the count is above 10");
        }
    }
}
