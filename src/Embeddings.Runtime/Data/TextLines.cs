namespace Embeddings.Data;

/// <summary>Reads a file line by line as bytes, with memory for the longest line only.</summary>
internal static class TextLines
{
    private const int FirstSize = 1 << 16;

    /// <summary>The lines without their line feeds; each is valid until the next is read.</summary>
    /// <exception cref="UserError">A line is larger than 2 GB.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] buffer = new byte[FirstSize];
        int start = 0;
        int searched = 0;
        int end = 0;
        while (true)
        {
            int lineEnd = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (lineEnd >= 0)
            {
                yield return buffer.AsMemory(start, searched + lineEnd - start);
                start = searched = searched + lineEnd + 1;
                continue;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            searched = end;
            start = 0;
            if (end == buffer.Length)
            {
                Array.Resize(ref buffer, end < Array.MaxLength
                    ? (int)Math.Min(Array.MaxLength, 2L * end)
                    : throw new UserError($"'{file}' has a line of more than 2 GB."));
            }

            int read = stream.Read(buffer.AsSpan(end));
            end += read;
            if (read == 0)
            {
                if (end > 0)
                {
                    yield return buffer.AsMemory(0, end);
                }

                yield break;
            }
        }
    }
}
