using System.Buffers.Binary;
using Embeddings.Checkpoints;

namespace Embeddings.Tokenization;

/// <summary>Reads and writes ids in the files of other trainers: llm.c's shards and nanoGPT's <c>train.bin</c>.</summary>
public static class TokenShards
{
    private const int HeaderBytes = 256 * sizeof(int);
    private const int ShortMagic = 20240520;
    private const int ShortVersion = 1;
    private const int LongMagic = 20240801;
    private const int LongVersion = 7;

    /// <summary>
    /// llm.c's shard: 256 numbers of 32 bits (a magic number, a version, the count, zeros), then the ids: of 16 bits (20240520, version 1), or
    /// of 32 bits (20240801, version 7), which larger vocabularies need.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="ids">The ids.</param>
    /// <param name="vocabularySize">Ids are below this.</param>
    /// <exception cref="UserError">The file cannot be written.</exception>
    public static void SaveLlmc(string path, ReadOnlyMemory<int> ids, int vocabularySize) => AtomicFile.Write(path, stream =>
    {
        bool isShort = vocabularySize <= 1 << 16;
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, isShort ? ShortMagic : LongMagic);
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

    /// <summary>Whether a file begins as llm.c's shards do.</summary>
    /// <param name="start">Its first bytes, at least four.</param>
    internal static bool IsLlmc(ReadOnlySpan<byte> start) =>
        start.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(start) is ShortMagic or LongMagic;

    /// <summary>The ids of a shard: llm.c's where it begins as those do, otherwise nanoGPT's.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="UserError">It is cut short, or of a version that is not known.</exception>
    internal static int[] Read(string path, ReadOnlySpan<byte> content)
    {
        if (!IsLlmc(content))
        {
            return ReadIds(path, content, isShort: true);
        }

        if (content.Length < HeaderBytes)
        {
            throw new UserError($"'{path}' ends inside the header of a token shard; write it again.");
        }

        (int magic, int version) = (BinaryPrimitives.ReadInt32LittleEndian(content), BinaryPrimitives.ReadInt32LittleEndian(content[4..]));
        bool isShort = magic == ShortMagic;
        if (version != (isShort ? ShortVersion : LongVersion))
        {
            throw new UserError($"'{path}' is a token shard of version {version}, which is not known; write it with llm.c's present scripts.");
        }

        int[] ids = ReadIds(path, content[HeaderBytes..], isShort);
        int count = BinaryPrimitives.ReadInt32LittleEndian(content[8..]);
        return ids.Length == count ? ids : throw new UserError($"'{path}' says that it holds {count} ids and holds {ids.Length}; write it again.");
    }

    private static int[] ReadIds(string path, ReadOnlySpan<byte> content, bool isShort)
    {
        int width = isShort ? sizeof(ushort) : sizeof(int);
        if (content.Length % width != 0)
        {
            throw new UserError($"'{path}' ends inside a token id; write it again.");
        }

        var ids = new int[content.Length / width];
        for (int i = 0; i < ids.Length; i++)
        {
            ReadOnlySpan<byte> id = content[(i * width)..];
            ids[i] = isShort ? BinaryPrimitives.ReadUInt16LittleEndian(id) : BinaryPrimitives.ReadInt32LittleEndian(id);
        }

        return ids;
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
