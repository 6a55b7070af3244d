using Beamline.Engine.Backends.Devices;

namespace Beamline.Engine.Backends.Device;

/// <summary>Inputs and logits of a pass: filled and read in memory of the host, computed from and to memory of the device.</summary>
internal sealed unsafe class PassBuffers : IDisposable
{
    private readonly IExecutionDevice _device;
    private nint _logits;

    /// <summary>Takes the memory.</summary>
    /// <exception cref="OutOfMemoryException">There is not enough.</exception>
    public PassBuffers(IExecutionDevice device, BackendLimits limits, int vocabularySize)
    {
        _device = device;
        VocabularySize = vocabularySize;
        // The widest pass and the one of most rows need not be one, so both are counted in full.
        int tokens = int.Max(limits.Rows, limits.PassTokens);
        long inputs = new PassLayout(1, tokens).Bytes + new PassLayout(limits.Rows, 0).Bytes;
        int logits = checked(limits.Rows * vocabularySize);
        try
        {
            HostInputs = device.AllocateHost(inputs);
            DeviceInputs = device.Allocate(inputs);
            _logits = device.AllocateHost((long)logits * sizeof(float));
            DeviceLogits = device.Allocate((long)logits * sizeof(float));
        }
        catch
        {
            Dispose();
            throw;
        }
        Logits = new NativeFloats(_logits, logits).Memory;
    }

    /// <summary>Length of a row of logits.</summary>
    public int VocabularySize { get; }

    /// <summary>The inputs in memory of the host.</summary>
    public nint HostInputs { get; private set; }

    /// <summary>The inputs in memory of the device.</summary>
    public nint DeviceInputs { get; private set; }

    /// <summary>The logits in memory of the device.</summary>
    public nint DeviceLogits { get; private set; }

    /// <summary>The logits in memory of the host.</summary>
    public Memory<float> Logits { get; }

    /// <summary>Fills the inputs in; rows that nobody wants logits of come last among the logits.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="rowOf">Gives the row of a sequence.</param>
    public PassLayout Fill(ForwardPass pass, Func<int, int> rowOf)
    {
        PassLayout layout = new(pass.Entries.Length, pass.Width);
        Span<long> ids = Inputs<long>(PassLayout.Ids, layout.Rows * layout.Width);
        Span<long> positions = Inputs<long>(layout.Positions, layout.Rows * layout.Width);
        Span<long> wanted = Inputs<long>(layout.LogitsIndex, layout.Rows);
        Span<int> last = Inputs<int>(layout.LastPositions, layout.Rows);
        int unwanted = layout.Rows, longest = 0;
        foreach (PassEntry entry in pass.Entries)
        {
            int row = rowOf(entry.Sequence), at = row * layout.Width;
            ReadOnlySpan<int> tokens = pass.TokensOf(entry);
            for (int i = 0; i < layout.Width; i++)
            {
                // Behind a prompt's end stands padding that nothing attends to.
                ids[at + i] = i < tokens.Length ? tokens[i] : 0;
                positions[at + i] = entry.Start + i;
            }
            last[row] = entry.Start + entry.Count - 1;
            wanted[entry.Logits >= 0 ? entry.Logits : --unwanted] = at + entry.Count - 1;
            longest = int.Max(longest, entry.Start);
        }
        Inputs<int>(layout.TotalLength, 1)[0] = longest + layout.Width;
        return layout;
    }

    /// <summary>Brings the inputs to the device.</summary>
    public void Upload(PassLayout layout) =>
        _device.Copy(CopyDirection.Upload, [StridedCopy.Of(HostInputs, DeviceInputs, layout.Bytes)]);

    /// <summary>Brings the logits back.</summary>
    public void Download(PassLayout layout) =>
        _device.Copy(CopyDirection.Download, [StridedCopy.Of(DeviceLogits, _logits, (long)layout.Rows * VocabularySize * sizeof(float))]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.FreeHost(HostInputs);
        _device.Free(DeviceInputs);
        _device.FreeHost(_logits);
        _device.Free(DeviceLogits);
        HostInputs = DeviceInputs = _logits = DeviceLogits = 0;
    }

    private Span<T> Inputs<T>(int at, int count) where T : unmanaged => new((byte*)HostInputs + at, count);
}
