# One image for every role: docker compose up
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Beamline.Server -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# Imported models; the service's user owns it, and so the volume that is mounted there.
RUN mkdir /cache && chown $APP_UID /cache
ENV Beamline__Cache__CacheFolder=/cache
USER $APP_UID
ENTRYPOINT ["dotnet", "Beamline.Server.dll"]
