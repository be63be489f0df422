using System.Buffers.Binary;
using Embeddings.Checkpoints;

namespace Embeddings.Tokenization;

/// <summary>Writes ids as files that other trainers read.</summary>
public static class TokenShards
{
    private const int HeaderNumbers = 256;
    private const int Magic = 20240520;
    private const int ShortVersion = 1;
    private const int LongVersion = 7;

    /// <summary>
    /// llm.c's shard: 256 numbers of 32 bits (20240520, version, count, zeros), then the ids: of 16 bits in version 1, of 32 bits in version 7,
    /// which larger vocabularies need.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="vocabularySize">Ids are below this.</param>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public static void SaveLlmc(string path, ReadOnlyMemory<int> ids, int vocabularySize) => AtomicFile.Write(path, stream =>
    {
        bool isShort = vocabularySize <= 1 << 16;
        var header = new byte[HeaderNumbers * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), isShort ? ShortVersion : LongVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), ids.Length);
        stream.Write(header);
        WriteIds(stream, ids.Span, isShort);
    });

    /// <summary>nanoGPT's <c>train.bin</c>: the ids alone, of 16 bits.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ids">The ids.</param>
    /// <exception cref="UserError">An id is 65,536 or more, or the file cannot be written.</exception>
    public static void SaveNanoGpt(string path, ReadOnlyMemory<int> ids)
    {
        foreach (int id in ids.Span)
        {
            if ((uint)id > ushort.MaxValue)
            {
                throw new UserError($"Token id {id} does not fit the 16 bits of nanoGPT's format; use a vocabulary of at most 65536.");
            }
        }

        AtomicFile.Write(path, stream => WriteIds(stream, ids.Span, isShort: true));
    }

    private static void WriteIds(Stream stream, ReadOnlySpan<int> ids, bool isShort)
    {
        const int Batch = 1 << 14;
        var bytes = new byte[Batch * sizeof(int)];
        while (!ids.IsEmpty)
        {
            ReadOnlySpan<int> some = ids[..Math.Min(Batch, ids.Length)];
            int written = 0;
            foreach (int id in some)
            {
                if (isShort)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(written), (ushort)id);
                }
                else
                {
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(written), id);
                }

                written += isShort ? sizeof(ushort) : sizeof(int);
            }

            stream.Write(bytes.AsSpan(0, written));
            ids = ids[some.Length..];
        }
    }
}
