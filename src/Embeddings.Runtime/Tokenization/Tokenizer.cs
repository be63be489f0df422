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

    /// <summary>The bytes of ids.</summary>
    /// <exception cref="ArgumentException">An id is outside the vocabulary.</exception>
    public byte[] Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>(ids.Length * 4);
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)VocabularySize)
            {
                throw new ArgumentException($"Token id {id} is outside the vocabulary of {VocabularySize}.", nameof(ids));
            }

            bytes.AddRange(Tokens[id]);
        }

        return [.. bytes];
    }
}
