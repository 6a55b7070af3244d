using Aspire.Hosting.Orleans;
using Beamline.AppHost;

// A store, two workers and a gateway over it: `dotnet run --project AppHost`, then the address in the log.
IDistributedApplicationBuilder builder = DistributedApplication.CreateBuilder(args);

IResourceBuilder<ProjectResource> store = builder.AddProject<Projects.Beamline_Store>("store")
    .WithHttpEndpoint(name: "http")
    .WithEndpoint(name: "redis", scheme: "tcp", env: "Beamline__Store__Port")
    .WithHttpHealthCheck("/health/ready", endpointName: "http");

EndpointReference listening = store.GetEndpoint("redis");
IResourceBuilder<IResourceWithConnectionString> redis = builder.AddConnectionString(
    "redis", ReferenceExpression.Create($"{listening.Property(EndpointProperty.Host)}:{listening.Property(EndpointProperty.Port)}"));

RedisProvider provider = new(redis);
OrleansService cluster = builder.AddOrleans("cluster")
    .WithClustering(provider)
    .WithGrainStorage("Default", provider)
    .WithReminders(provider);

// Both are on this machine, and a device has one owner.
foreach ((string name, string device) in new[] { ("worker1", "cpu:0"), ("worker2", "cpu:1") })
{
    builder.AddProject<Projects.Beamline_Server>(name)
        .WithHttpEndpoint(name: "http")
        .WithReference(cluster)
        .WithEnvironment("Beamline__Cluster__Role", "Silo")
        .WithEnvironment("Beamline__Cluster__Address", "127.0.0.1")
        .WithEnvironment("Beamline__Workers__Devices__0", device)
        .WithHttpHealthCheck("/health/ready", endpointName: "http")
        .WaitFor(store);
}

builder.AddProject<Projects.Beamline_Server>("gateway")
    .WithHttpEndpoint(name: "http")
    .WithExternalHttpEndpoints()
    .WithReference(cluster.AsClient())
    .WithEnvironment("Beamline__Cluster__Role", "Gateway")
    .WithHttpHealthCheck("/health/ready", endpointName: "http")
    .WaitFor(store);

builder.Build().Run();
