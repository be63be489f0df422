using System.Buffers;

namespace Embeddings.Tokenization;

/// <summary>Reads a text file in pieces, cut where its splitter allows; a file without such a place comes whole.</summary>
internal static class TextFilePieces
{
    /// <summary>The pieces of a file; each is in a pooled array that its reader gives back.</summary>
    /// <exception cref="UserError">The file cannot be read, or a part of more than 2 GB has no place to cut.</exception>
    public static IEnumerable<TextPiece> Read(string file, Splitter splitter, int pieceSize)
    {
        using FileStream stream = Try(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(pieceSize);
        int held = 0;
        while (true)
        {
            int read = Try(file, () => stream.ReadAtLeast(buffer.AsSpan(held), buffer.Length - held, throwOnEndOfStream: false));
            bool isLast = held + read < buffer.Length;
            held += read;
            if (isLast)
            {
                yield return new TextPiece(buffer.AsMemory(0, held), buffer);
                yield break;
            }

            // The last byte is held back: whether one may cut before it depends on it alone, and something must follow a cut.
            int cut = splitter.LastCut(buffer.AsSpan(0, held), 0, held - 1);
            if (cut > 0)
            {
                byte[] next = ArrayPool<byte>.Shared.Rent(pieceSize);
                buffer.AsSpan(cut, held - cut).CopyTo(next);
                yield return new TextPiece(buffer.AsMemory(0, cut), buffer);
                buffer = next;
                held -= cut;
            }
            else
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Larger(file, buffer.Length));
                buffer.AsSpan(0, held).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
        }
    }

    private static int Larger(string file, int size) => size < Array.MaxLength
        ? (int)Math.Min(Array.MaxLength, 2L * size)
        : throw new UserError($"'{file}' has more than 2 GB without a place to cut; split it into smaller files.");

    private static T Try<T>(string file, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"Cannot read '{file}': {error.Message.TrimEnd('.')}.", error);
        }
    }
}
