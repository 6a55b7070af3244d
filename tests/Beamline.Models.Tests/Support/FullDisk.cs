namespace Beamline.Models.Tests.Support;

/// <summary>Creates files on a disk with room for so many bytes in all of them together.</summary>
public sealed class FullDisk(long bytes)
{
    private long _free = bytes;

    public Stream Create(string path) => new Limited(this, new FileStream(path, FileMode.CreateNew, FileAccess.Write));

    private sealed class Limited(FullDisk disk, Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position
        {
            get => inner.Position;
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            disk._free -= count;
            if (disk._free < 0) throw new IOException("No space left on device");
            inner.Write(buffer, offset, count);
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
