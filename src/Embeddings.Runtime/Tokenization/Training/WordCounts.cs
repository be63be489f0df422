namespace Embeddings.Tokenization;

/// <summary>The distinct words of a text with their counts, filled by several threads at once: shards by hash, each with a lock.</summary>
internal sealed class WordCounts : IDisposable
{
    /// <summary>Shards, as a power of two.</summary>
    public const int ShardBits = 6;

    private readonly WordShard?[] _shards = new WordShard[1 << ShardBits];
    private readonly Lock[] _locks = new Lock[1 << ShardBits];

    /// <summary>No words yet.</summary>
    public WordCounts()
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new WordShard();
            _locks[i] = new Lock();
        }
    }

    /// <summary>Distinct words.</summary>
    public long Count => _shards.Sum(shard => shard is null ? 0L : shard.ShortWords + shard.LongWords);

    /// <summary>Counts short words of one shard.</summary>
    /// <param name="shard">The first <see cref="ShardBits"/> bits of their hashes.</param>
    /// <param name="words">The words with their counts.</param>
    public void Add(int shard, ReadOnlySpan<CountedWord> words)
    {
        lock (_locks[shard])
        {
            WordShard target = _shards[shard]!;
            foreach (CountedWord word in words)
            {
                target.Add(word.Key, word.Key.Hash, word.Count);
            }
        }
    }

    /// <summary>Counts a word of any length; many short ones are better sent together.</summary>
    public unsafe void Add(ReadOnlySpan<byte> word, long count)
    {
        if (word.Length <= WordKey.Longest)
        {
            fixed (byte* first = word)
            {
                var key = WordKey.Of(first, word.Length, first + word.Length);
                Add((int)(key.Hash >> (64 - ShardBits)), [new CountedWord { Key = key, Count = count }]);
            }

            return;
        }

        ulong hash = LongWordHash.Of(word);
        int shard = (int)(hash >> (64 - ShardBits));
        lock (_locks[shard])
        {
            _shards[shard]!.Add(word, hash, count);
        }
    }

    /// <summary>Visits every word.</summary>
    /// <param name="visit">Receives it.</param>
    /// <param name="release">Whether to give the memory back on the way; then nothing is left.</param>
    public void Visit(WordVisitor visit, bool release)
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            _shards[i]?.Visit(visit);
            if (release)
            {
                _shards[i]?.Dispose();
                _shards[i] = null;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (WordShard? shard in _shards)
        {
            shard?.Dispose();
        }
    }
}

/// <summary>A short word and how often it was met.</summary>
internal struct CountedWord
{
    public WordKey Key;
    public long Count;
}
