namespace Beamline.Abstractions.Searches;

/// <summary>What a <see cref="SearchEvent"/> says.</summary>
public enum SearchEventKind : byte
{
    /// <summary>A live hypothesis after a step. A step lists all of them, in the order of their new places, before anything else.</summary>
    Live,

    /// <summary>A hypothesis ended in this step: its parent's ids and the token. Beam search: it entered the finished list.</summary>
    Finished,
}
