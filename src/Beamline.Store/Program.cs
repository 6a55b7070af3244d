using Beamline.Store;

return await StoreProcess.RunAsync(args);
