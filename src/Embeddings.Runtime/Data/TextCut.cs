namespace Embeddings.Data;

/// <summary>Where a text may be cut in two.</summary>
internal static class TextCut
{
    /// <summary>
    /// The largest place not after <paramref name="limit"/>, and after half of it, that follows a line end; or else the largest that
    /// does not cut a UTF-8 sequence; or else the limit itself.
    /// </summary>
    /// <param name="bytes">The text.</param>
    /// <param name="limit">Bytes that may stand before the cut, 1 … length.</param>
    /// <returns>Bytes before the cut, at least 1.</returns>
    public static int Before(ReadOnlySpan<byte> bytes, int limit)
    {
        if (limit >= bytes.Length)
        {
            return bytes.Length;
        }

        int half = limit / 2;
        int lineEnd = bytes[half..limit].LastIndexOf((byte)'\n');
        if (lineEnd >= 0)
        {
            return half + lineEnd + 1;
        }

        const int LongestSequence = 4;
        for (int cut = limit; cut > Math.Max(0, limit - LongestSequence); cut--)
        {
            bool continues = (bytes[cut] & 0xC0) == 0x80;
            if (!continues)
            {
                return cut;
            }
        }

        return limit;
    }
}
