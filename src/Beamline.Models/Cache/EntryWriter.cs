using System.Collections.Immutable;

namespace Beamline.Models.Cache;

/// <summary>Writes the files of one entry into a folder that nobody else sees yet.</summary>
internal sealed class EntryWriter(string folder, Func<string, Stream> create)
{
    private readonly List<(string Name, HashingStream Stream)> _files = [];

    /// <summary>The files so far; those that are still being written are not whole in it.</summary>
    public ImmutableArray<EntryFile> Files => [.. _files.Select(file => file.Stream.Describe(file.Name))];

    /// <summary>Creates a file; the caller disposes it.</summary>
    public Stream Create(string name)
    {
        HashingStream stream = new(create(Path.Combine(folder, name)));
        _files.Add((name, stream));
        return stream;
    }

    /// <summary>Writes a small file whole.</summary>
    public void Write(string name, ReadOnlySpan<byte> content)
    {
        using Stream stream = Create(name);
        stream.Write(content);
    }

    /// <summary>Writes the manifest: the last file, and the only one that it does not list.</summary>
    public void Finish(EntryManifest manifest)
    {
        using Stream stream = create(Path.Combine(folder, EntryManifest.FileName));
        manifest.Write(stream);
    }
}
