using System.Security.Cryptography;

namespace Embeddings.Tokenization;

/// <summary>
/// A fixed list of words or morphemes: at each place the longest that stands there, or else the byte. Ids 0 … 255 are the bytes, then the
/// list in its order.
/// </summary>
public sealed class WordListTokenizer : Tokenizer
{
    private readonly byte[][] _tokens;
    private readonly TokenTrie _trie;

    /// <summary>A tokenizer of a list.</summary>
    /// <param name="words">Words of at least two bytes, all different.</param>
    /// <exception cref="ArgumentException">A word is shorter, or stands twice.</exception>
    public WordListTokenizer(IReadOnlyList<byte[]> words)
    {
        _tokens = [.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value }), .. words];
        _trie = new TokenTrie(_tokens);
        int wrong = words.ToList().FindIndex(word => word.Length < 2);
        if (wrong >= 0)
        {
            throw new ArgumentException($"Word {wrong} has fewer than two bytes; single bytes are always tokens.", nameof(words));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] word in words)
        {
            hash.AppendData(BitConverter.GetBytes(word.Length));
            hash.AppendData(word);
        }

        Identity = "words-" + Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Tokens => _tokens;

    /// <inheritdoc/>
    public override string Identity { get; }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        while (!bytes.IsEmpty)
        {
            int id = _trie.LongestPrefix(bytes);
            ids.Add(id);
            bytes = bytes[_tokens[id].Length..];
        }
    }
}
