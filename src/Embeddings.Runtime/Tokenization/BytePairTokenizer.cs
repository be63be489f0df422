using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>
/// Byte-level BPE. Text is cut into pre-tokens; in each, the pair of neighbours of lowest rank is merged first, the leftmost among equals,
/// until no pair merges. Any number of threads may use one at a time.
/// </summary>
public sealed unsafe class BytePairTokenizer : Tokenizer
{
    private const int ByteValues = 256;

    private readonly BytePairDefinition _definition;
    private readonly BytePairVocabulary _vocabulary;
    private readonly byte[][] _tokens;
    private readonly Lazy<string> _identity;
    private readonly ConcurrentBag<WordEncoder> _encoders = [];

    /// <summary>A tokenizer as training gives it: ids 0 … 255 are the bytes, then one id for each merge that makes new bytes.</summary>
    /// <param name="merges">Pairs of ids, in order of rank; each makes the id of its bytes: an earlier one's where there is one, or else the next.</param>
    /// <param name="preTokenization">How text is cut first.</param>
    /// <exception cref="ArgumentException">A merge uses an id that does not exist yet, or stands twice.</exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges, PreTokenization preTokenization)
        : this(merges, Splitter.Of(preTokenization))
    {
    }

    /// <summary>The same with any splitter, and with special tokens, whose ids follow all others.</summary>
    /// <param name="merges">As above.</param>
    /// <param name="splitter">Cuts text first.</param>
    /// <param name="specialTokens">Texts that stand for one token each where they are allowed.</param>
    /// <exception cref="ArgumentException">A merge uses an id that does not exist yet, or stands twice; or a special token is empty or stands twice.</exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges, Splitter splitter, IReadOnlyList<string>? specialTokens = null)
        : this(BytePairDefinition.OfMerges(merges, splitter, specialTokens ?? []))
    {
    }

    /// <summary>A tokenizer of any order of ids.</summary>
    /// <exception cref="ArgumentException">It contradicts itself; the message says how.</exception>
    internal BytePairTokenizer(BytePairDefinition definition)
    {
        _definition = definition;
        _vocabulary = definition.CreateVocabulary();
        _tokens = [.. definition.Tokens];
        foreach ((string text, int id) in definition.SpecialTokens)
        {
            _tokens[id] = Encoding.UTF8.GetBytes(text);
        }

        _identity = new Lazy<string>(() => Hash(definition));
    }

    /// <summary>How text is cut before merges.</summary>
    public Splitter Splitter => _definition.Splitter;

    /// <summary>Merges in order of rank, as pairs of ids.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => _definition.Merges;

    /// <summary>Texts that stand for one token each where they are allowed, with their ids.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens => _definition.SpecialTokens;

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Tokens => _tokens;

    /// <inheritdoc/>
    public override string Identity => _identity.Value;

    /// <summary>
    /// Makes the table of merges where it is not made yet, and returns how many ranks it has. A vocabulary of ranks else makes it beside the first
    /// encoding.
    /// </summary>
    public int MakeMerges() => _vocabulary.Merges.Ranks;

    /// <summary>What it was made of.</summary>
    internal BytePairDefinition Definition => _definition;

    /// <summary>The tokenizer of a smaller vocabulary: the first merges, as if trained to that size. Special tokens stay, with new ids.</summary>
    /// <param name="vocabularySize">Entries in all, at least the bytes and the special tokens.</param>
    /// <exception cref="UserError">Its ids are not bytes first and merges then.</exception>
    public BytePairTokenizer Truncate(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, ByteValues + SpecialTokens.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabularySize, VocabularySize);
        if (vocabularySize == VocabularySize)
        {
            return this;
        }

        if (!_definition.IsBytesThenMerges)
        {
            throw new UserError("A vocabulary whose ids are not in the order bytes, then merges cannot be cut to a smaller one; train one of that size.");
        }

        int ordinary = vocabularySize - SpecialTokens.Count;
        int known = ByteValues;
        int merges = 0;
        while (known < ordinary)
        {
            (int left, int right) = Merges[merges++];
            known = Math.Max(known, _vocabulary.Find([.. _tokens[left], .. _tokens[right]]) + 1);
        }

        string[] special = [.. SpecialTokens.OrderBy(token => token.Value).Select(token => token.Key)];
        return new BytePairTokenizer([.. Merges.Take(merges)], Splitter, special);
    }

    /// <summary>The same tokenizer with more special tokens, whose ids follow all others; those that it has already stay.</summary>
    /// <param name="texts">Texts that stand for one token each where they are allowed.</param>
    /// <exception cref="ArgumentException">One of them is empty.</exception>
    public BytePairTokenizer WithSpecialTokens(IReadOnlyList<string> texts)
    {
        string[] added = [.. texts.Where(text => !SpecialTokens.ContainsKey(text)).Distinct()];
        if (added.Length == 0)
        {
            return this;
        }

        if (Array.IndexOf(added, "") >= 0)
        {
            throw new ArgumentException("A special token is empty.", nameof(texts));
        }

        var special = new Dictionary<string, int>(SpecialTokens);
        var tokens = new List<byte[]>(_definition.Tokens);
        foreach (string text in added)
        {
            special.Add(text, tokens.Count);
            tokens.Add([]);
        }

        return new BytePairTokenizer(_definition.With([.. tokens], special));
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        WordEncoder encoder = Rent();
        encoder.Begin(ids);
        Splitter.Split(bytes, encoder);
        _encoders.Add(encoder);
    }

    /// <inheritdoc/>
    public override int Encode(ReadOnlySpan<byte> bytes, Span<int> ids)
    {
        WordEncoder encoder = Rent();
        fixed (int* destination = ids)
        {
            encoder.Begin(destination, ids.Length);
            Splitter.Split(bytes, encoder);
        }

        (int written, bool isFull) = (encoder.Written, encoder.IsFull);
        _encoders.Add(encoder);
        return !isFull ? written : throw new ArgumentException($"The ids of {bytes.Length} bytes do not fit {ids.Length} places.", nameof(ids));
    }

    /// <summary>Appends the ids of text in which some special tokens stand for themselves; what is not allowed is ordinary text.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="allowedSpecialTokens">Special tokens that count; where two begin at one place, the longer.</param>
    /// <exception cref="ArgumentException">One of them is no special token of this tokenizer.</exception>
    public void Encode(ReadOnlySpan<byte> bytes, List<int> ids, IReadOnlyCollection<string> allowedSpecialTokens)
    {
        var allowed = new List<(byte[] Bytes, int Id)>();
        foreach (string text in allowedSpecialTokens)
        {
            allowed.Add(SpecialTokens.TryGetValue(text, out int id)
                ? (_tokens[id], id)
                : throw new ArgumentException($"'{text}' is not a special token of this tokenizer.", nameof(allowedSpecialTokens)));
        }

        allowed.Sort((one, other) => other.Bytes.Length.CompareTo(one.Bytes.Length));
        while (First(bytes, allowed, out int place) is { } special)
        {
            Encode(bytes[..place], ids);
            ids.Add(special.Id);
            bytes = bytes[(place + special.Bytes.Length)..];
        }

        Encode(bytes, ids);
    }

    private static (byte[] Bytes, int Id)? First(ReadOnlySpan<byte> bytes, List<(byte[] Bytes, int Id)> allowed, out int place)
    {
        (byte[] Bytes, int Id)? first = null;
        place = bytes.Length;
        foreach ((byte[] Bytes, int Id) each in allowed)
        {
            int found = bytes[..Math.Min(bytes.Length, place + each.Bytes.Length)].IndexOf(each.Bytes);
            if (found >= 0 && found < place)
            {
                place = found;
                first = each;
            }
        }

        return first;
    }

    private WordEncoder Rent() => _encoders.TryTake(out WordEncoder? encoder) ? encoder : new WordEncoder(_vocabulary);

    /// <summary>SHA-256 over everything that decides the ids.</summary>
    private static string Hash(BytePairDefinition definition)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(definition.Splitter.Name));
        byte[] merges = new byte[definition.Merges.Count * 8];
        for (int i = 0; i < definition.Merges.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(merges.AsSpan(8 * i), definition.Merges[i].Left);
            BinaryPrimitives.WriteInt32LittleEndian(merges.AsSpan(8 * i + 4), definition.Merges[i].Right);
        }

        hash.AppendData([(byte)'\n', (byte)definition.Order, definition.WholeWordsFirst ? (byte)1 : (byte)0]);
        hash.AppendData(merges);
        if (!definition.IsBytesThenMerges)
        {
            foreach (byte[] token in definition.Tokens)
            {
                hash.AppendData(BitConverter.GetBytes(token.Length));
                hash.AppendData(token);
            }
        }

        foreach ((string text, int id) in definition.SpecialTokens.OrderBy(token => token.Value))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{id} {text}"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
