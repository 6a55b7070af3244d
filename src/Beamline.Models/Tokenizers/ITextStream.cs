namespace Beamline.Models.Tokenizers;

/// <summary>Decodes ids one by one and never splits a character.</summary>
public interface ITextStream
{
    /// <summary>Takes an id and returns the text that became final; often empty.</summary>
    string Append(int id);

    /// <summary>Returns what was held back; incomplete UTF-8 becomes U+FFFD.</summary>
    string Finish();
}
