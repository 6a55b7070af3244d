using Beamline.Server.Hosting;

return await BeamlineServer.RunAsync(args);
