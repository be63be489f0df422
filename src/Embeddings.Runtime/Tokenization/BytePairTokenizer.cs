using System.Security.Cryptography;
using System.Text;

namespace Embeddings.Tokenization;

/// <summary>Byte-level BPE: ids 0 … 255 are the bytes, then merges in order of rank; the earliest-learned pair merges first.</summary>
public sealed class BytePairTokenizer : Tokenizer
{
    /// <summary>Words that are remembered with their ids.</summary>
    private const int MostRemembered = 1 << 16;

    private readonly (int Left, int Right)[] _merges;
    private readonly Dictionary<(int Left, int Right), int> _ranks;
    private readonly byte[][] _tokens;
    private readonly Dictionary<string, int[]> _remembered = [];
    private readonly object _gate = new();

    /// <summary>Makes a tokenizer of given merges.</summary>
    /// <param name="merges">Pairs of ids; the i-th makes id 256 + i, of ids that exist before it.</param>
    /// <param name="preTokenization">How text is cut first.</param>
    /// <exception cref="ArgumentException">A merge uses an id that does not exist yet, or stands twice.</exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges, PreTokenization preTokenization)
    {
        _merges = [.. merges];
        PreTokenization = preTokenization;
        _ranks = new Dictionary<(int, int), int>(_merges.Length);
        _tokens = new byte[256 + _merges.Length][];
        for (int value = 0; value < 256; value++)
        {
            _tokens[value] = [(byte)value];
        }

        for (int i = 0; i < _merges.Length; i++)
        {
            (int left, int right) = _merges[i];
            if (left < 0 || right < 0 || left >= 256 + i || right >= 256 + i || !_ranks.TryAdd((left, right), 256 + i))
            {
                throw new ArgumentException($"Merge {i} ({left}, {right}) repeats an earlier one or uses an id that does not exist yet.", nameof(merges));
            }

            _tokens[256 + i] = [.. _tokens[left], .. _tokens[right]];
        }

        byte[] text = Encoding.UTF8.GetBytes($"{preTokenization}\n" + string.Join('\n', _merges.Select(merge => $"{merge.Left} {merge.Right}")));
        Identity = Convert.ToHexStringLower(SHA256.HashData(text))[..16];
    }

    /// <summary>How text is cut before merges.</summary>
    public PreTokenization PreTokenization { get; }

    /// <summary>Merges in order of rank.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => _merges;

    /// <inheritdoc/>
    public override int VocabularySize => _tokens.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Tokens => _tokens;

    /// <inheritdoc/>
    public override string Identity { get; }

    /// <summary>The tokenizer of a smaller vocabulary: the first merges, as if trained to that size.</summary>
    public BytePairTokenizer Truncate(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 256);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabularySize, VocabularySize);
        return vocabularySize == VocabularySize ? this : new BytePairTokenizer(_merges[..(vocabularySize - 256)], PreTokenization);
    }

    /// <inheritdoc/>
    public override void Encode(ReadOnlySpan<byte> bytes, List<int> ids)
    {
        byte[] copy = bytes.ToArray();
        PreTokenizer.Visit(bytes, PreTokenization, (start, length) => EncodeWord(copy.AsSpan(start, length), ids));
    }

    private void EncodeWord(ReadOnlySpan<byte> word, List<int> ids)
    {
        const int LongestRemembered = 32;
        if (word.Length > LongestRemembered)
        {
            ids.AddRange(BytePairMerger.Merge(word, _ranks));
            return;
        }

        string key = Encoding.Latin1.GetString(word);
        lock (_gate)
        {
            if (!_remembered.TryGetValue(key, out int[]? known))
            {
                known = BytePairMerger.Merge(word, _ranks);
                if (_remembered.Count < MostRemembered)
                {
                    _remembered.Add(key, known);
                }
            }

            ids.AddRange(known);
        }
    }
}
