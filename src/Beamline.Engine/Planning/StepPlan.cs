namespace Beamline.Engine.Planning;

/// <summary>What the next step does. Reused from step to step.</summary>
public sealed class StepPlan
{
    /// <summary>Running searches that give their rows back and wait again, by their place; latest first.</summary>
    public List<int> Preempt { get; } = [];

    /// <summary>The running search that needs more than there is, though all others gave way, by its place; -1 for none.</summary>
    public int Outgrown { get; set; } = -1;

    /// <summary>How many waiting searches start, from the front of the line.</summary>
    public int Admit { get; set; }

    /// <summary>
    /// Prompt chunks to compute, in order; places are those after preemptions and admissions. Only the first one's search may have been
    /// prefilled in part before.
    /// </summary>
    public List<PrefillChunk> Prefill { get; } = [];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Preempt.Clear();
        Outgrown = -1;
        Admit = 0;
        Prefill.Clear();
    }
}
