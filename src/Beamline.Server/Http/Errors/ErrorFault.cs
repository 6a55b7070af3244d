namespace Beamline.Server.Http.Errors;

/// <summary>One field that is wrong.</summary>
/// <param name="Param">The field.</param>
/// <param name="Message">Its value and what is allowed.</param>
internal sealed record ErrorFault(string Param, string Message);
