namespace Embeddings.Tokenization;

/// <summary>Turns bytes into token ids and back. Every byte sequence, valid UTF-8 or not, round-trips.</summary>
public abstract class Tokenizer
{
    /// <summary>Entries, V; ids are 0 … V − 1.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Bytes of each token, in order of id.</summary>
    public abstract IReadOnlyList<byte[]> Tokens { get; }

    /// <summary>A hash of everything that decides how bytes are encoded, in hexadecimal.</summary>
    public abstract string Identity { get; }

    /// <summary>Appends the ids of <paramref name="bytes"/> to <paramref name="ids"/>.</summary>
    public abstract void Encode(ReadOnlySpan<byte> bytes, List<int> ids);

    /// <summary>Writes the ids of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="ids">Receives the ids; as many places as bytes are always enough.</param>
    /// <returns>Ids written.</returns>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    public virtual int Encode(ReadOnlySpan<byte> bytes, Span<int> ids)
    {
        var list = new List<int>();
        Encode(bytes, list);
        if (list.Count > ids.Length)
        {
            throw new ArgumentException($"The ids of {bytes.Length} bytes do not fit {ids.Length} places.", nameof(ids));
        }

        list.CopyTo(ids);
        return list.Count;
    }

    /// <summary>The bytes of ids.</summary>
    /// <exception cref="ArgumentException">An id is outside the vocabulary.</exception>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new byte[DecodedLength(ids)];
        Decode(ids, bytes);
        return bytes;
    }

    /// <summary>Writes the bytes of ids.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="bytes">Receives the bytes; <see cref="DecodedLength"/> says how many.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">An id is outside the vocabulary, or the bytes do not fit.</exception>
    public int Decode(ReadOnlySpan<int> ids, Span<byte> bytes)
    {
        IReadOnlyList<byte[]> tokens = Tokens;
        int written = 0;
        foreach (int id in ids)
        {
            CheckId(id, nameof(ids));
            tokens[id].CopyTo(bytes[written..]);
            written += tokens[id].Length;
        }

        return written;
    }

    /// <summary>Bytes that ids stand for.</summary>
    /// <exception cref="ArgumentException">An id is outside the vocabulary.</exception>
    public int DecodedLength(ReadOnlySpan<int> ids)
    {
        IReadOnlyList<byte[]> tokens = Tokens;
        int length = 0;
        foreach (int id in ids)
        {
            CheckId(id, nameof(ids));
            length = checked(length + tokens[id].Length);
        }

        return length;
    }

    private void CheckId(int id, string name)
    {
        if ((uint)id >= (uint)VocabularySize)
        {
            throw new ArgumentException($"Token id {id} is outside the vocabulary of {VocabularySize}.", name);
        }
    }
}
