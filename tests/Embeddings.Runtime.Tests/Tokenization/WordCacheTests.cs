using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public unsafe class WordCacheTests
{
    private const int Words = 60_000;

    [Fact]
    public void Short_words_are_found_with_their_ids_while_the_cache_grows()
    {
        var cache = new WordCache(17);
        for (int i = 0; i < Words; i++)
        {
            cache.MakeRoom();
            WordCache.Entry* entry = cache.Add(cache.Set(KeyOf(i)), KeyOf(i));
            (entry->First, entry->Count) = (i, 1);
        }

        int found = 0;
        for (int i = 0; i < Words; i++)
        {
            WordCache.Entry* set = cache.Set(KeyOf(i));
            WordCache.Entry* entry = WordCache.Find(set, KeyOf(i));
            entry = entry->Is(KeyOf(i)) ? entry : cache.BringBack(set, KeyOf(i));
            if (entry != null)
            {
                Assert.True(WordCache.Find(set, KeyOf(i))->Is(KeyOf(i)));
                Assert.Equal((i, 1), (entry->First, entry->Count));
                found++;
            }
        }

        Assert.InRange(found, Words * 95 / 100, Words);
        cache.Clear();
        Assert.False(WordCache.Find(cache.Set(KeyOf(0)), KeyOf(0))->Is(KeyOf(0)));
        Assert.True(cache.BringBack(cache.Set(KeyOf(0)), KeyOf(0)) == null);
    }

    [Fact]
    public void Long_words_are_found_with_their_ids_while_the_cache_grows()
    {
        var cache = new LongWordCache();
        for (int i = 0; i < Words; i++)
        {
            cache.MakeRoom();
            ulong hash = LongWordHash.Of(WordOf(i));
            cache.Add(cache.Place(hash), WordOf(i), hash, [i, -i]);
        }

        int found = 0;
        for (int i = 0; i < Words; i++)
        {
            ulong hash = LongWordHash.Of(WordOf(i));
            if (cache.TryFind(cache.Place(hash), WordOf(i), hash, out ReadOnlySpan<int> ids))
            {
                Assert.Equal([i, -i], ids);
                found++;
            }
        }

        Assert.InRange(found, Words * 6 / 10, Words);
    }

    private static WordKey KeyOf(int i)
    {
        byte[] word = System.Text.Encoding.ASCII.GetBytes($"word{i}");
        fixed (byte* first = word)
        {
            return WordKey.Of(first, word.Length, first + word.Length);
        }
    }

    private static byte[] WordOf(int i) => System.Text.Encoding.ASCII.GetBytes($"a word of some length {i}");
}
