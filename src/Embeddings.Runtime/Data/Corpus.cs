using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Embeddings.Data;

/// <summary>Documents in a fixed order.</summary>
public sealed class Corpus
{
    private readonly Lazy<string> _hash;

    /// <summary>A corpus of documents; empty ones are left out.</summary>
    /// <param name="name">What to call it in reports.</param>
    /// <param name="documents">Its documents, in order.</param>
    /// <param name="notices">What the user should know about how it came to be, a sentence each.</param>
    public Corpus(string name, IEnumerable<Document> documents, IEnumerable<string>? notices = null)
    {
        Name = name;
        Documents = [.. documents.Where(document => !document.Bytes.IsEmpty)];
        Notices = [.. notices ?? []];
        Bytes = Documents.Sum(document => (long)document.Bytes.Length);
        _hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>What to call it in reports.</summary>
    public string Name { get; }

    /// <summary>The documents, none empty.</summary>
    public IReadOnlyList<Document> Documents { get; }

    /// <summary>What the user should know about how it came to be, a sentence each; usually none.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>Bytes of all documents.</summary>
    public long Bytes { get; }

    /// <summary>SHA-256, in hexadecimal, over the length (64 bits, little-endian) and the bytes of each document in order.</summary>
    public string Hash => _hash.Value;

    /// <summary>
    /// The first documents that together have at most <paramref name="maximumBytes"/>. Where the first alone is larger, its beginning:
    /// so the same bytes remain whatever the tokenizer.
    /// </summary>
    /// <param name="maximumBytes">Largest number of bytes kept, at least 1.</param>
    public Corpus Take(long maximumBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        if (Bytes <= maximumBytes)
        {
            return this;
        }

        var taken = new List<Document>();
        long room = maximumBytes;
        foreach (Document document in Documents)
        {
            if (document.Bytes.Length > room)
            {
                break;
            }

            taken.Add(document);
            room -= document.Bytes.Length;
        }

        if (taken.Count == 0)
        {
            Document first = Documents[0];
            taken.Add(first with { Bytes = first.Bytes[..TextCut.Before(first.Bytes.Span, (int)maximumBytes)] });
        }

        return new Corpus(Name, taken, Notices);
    }

    private string ComputeHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        foreach (Document document in Documents)
        {
            BinaryPrimitives.WriteInt64LittleEndian(length, document.Bytes.Length);
            hash.AppendData(length);
            hash.AppendData(document.Bytes.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
