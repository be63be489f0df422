using System.Numerics;
using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>
/// The distinct words of at least two bytes as sequences of ids, which merges make shorter in place. Each is one record in a block of 32-bit
/// units, so that all that a merge needs of a word is side by side: its length, its count in two units, its ids, and −1 in every unit that
/// shortening left free. A word is named by its record's place, in units; places ascend.
/// </summary>
/// <typeparam name="TSymbol">Holds an id; the value with all bits set is none.</typeparam>
internal sealed unsafe class TrainingWords<TSymbol> : IDisposable
    where TSymbol : unmanaged, IBinaryInteger<TSymbol>
{
    private const int HeaderUnits = 3;
    private const int Free = -1;

    private NativeArray<int> _units;
    private long _used;

    /// <summary>Distinct words.</summary>
    public int Count { get; private set; }

    /// <summary>The first word; −1 where there is none.</summary>
    public int First => _used > 0 ? 0 : -1;

    /// <summary>Takes the words of a text over; their table is emptied on the way.</summary>
    /// <param name="counts">Words and counts.</param>
    /// <param name="idOfByte">The id that stands for each byte.</param>
    /// <exception cref="UserError">There are more words than a place can name.</exception>
    public static TrainingWords<TSymbol> Of(WordCounts counts, int[] idOfByte)
    {
        var words = new TrainingWords<TSymbol>();
        counts.Visit((word, count) =>
        {
            if (word.Length > 1)
            {
                TSymbol* symbols = words.Add(word.Length, count);
                for (int i = 0; i < word.Length; i++)
                {
                    symbols[i] = TSymbol.CreateTruncating(idOfByte[word[i]]);
                }
            }
        }, release: true);
        return words;
    }

    /// <summary>Adds a word whose ids are to be filled in; the pointer holds until the next one is added.</summary>
    /// <param name="length">Ids, at least 1.</param>
    /// <param name="count">How often it occurs.</param>
    /// <exception cref="UserError">There are more words than a place can name.</exception>
    public TSymbol* Add(int length, long count)
    {
        int units = Units(length);
        if (_used + HeaderUnits + units > int.MaxValue)
        {
            throw new UserError("The text has more distinct words than fit 8 GB; choose another pre-tokenisation or give less text.");
        }

        _units.Reserve(_used + HeaderUnits + units);
        int* record = _units.Pointer + _used;
        record[0] = length;
        Unsafe.WriteUnaligned(record + 1, count);
        record[HeaderUnits + units - 1] = Free;
        _used += HeaderUnits + units;
        Count++;
        return (TSymbol*)(record + HeaderUnits);
    }

    /// <summary>The word behind another; −1 where that one is the last.</summary>
    public int Next(int word)
    {
        int* units = _units.Pointer;
        long next = word + HeaderUnits + Units(units[word]);
        while (next < _used && units[next] == Free)
        {
            next++;
        }

        return next < _used ? (int)next : -1;
    }

    /// <summary>Where the record of a word is, to be asked from memory early.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Record(int word) => _units.Pointer + word;

    /// <summary>How often a word occurs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CountOf(int word) => Unsafe.ReadUnaligned<long>(_units.Pointer + word + 1);

    /// <summary>A word's ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TSymbol* Symbols(int word, out int length)
    {
        int* record = _units.Pointer + word;
        length = record[0];
        return (TSymbol*)(record + HeaderUnits);
    }

    /// <summary>Says how many of a word's ids are left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetLength(int word, int length)
    {
        int* record = _units.Pointer + word;
        var symbols = (TSymbol*)(record + HeaderUnits);
        for (int i = length; i < record[0]; i++)
        {
            symbols[i] = TSymbol.AllBitsSet;
        }

        record[0] = length;
    }

    /// <summary>Closes the gaps that merges left, and forgets words in which nothing is left to merge. Words have other places then.</summary>
    public void Compact()
    {
        int* units = _units.Pointer;
        long end = 0;
        for (int word = First, next; word >= 0; word = next)
        {
            next = Next(word);
            if (units[word] == 1)
            {
                Count--;
                continue;
            }

            long size = HeaderUnits + Units(units[word]);
            Buffer.MemoryCopy(units + word, units + end, size * sizeof(int), size * sizeof(int));
            end += size;
        }

        _used = end;
        _units.Shrink(end);
    }

    /// <summary>Pairs of neighbours in the text.</summary>
    public long TotalPairs()
    {
        long total = 0;
        for (int word = First; word >= 0; word = Next(word))
        {
            total += CountOf(word) * (_units[word] - 1);
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose() => _units.Dispose();

    /// <summary>Units that ids take.</summary>
    private static int Units(int length) => (int)(((long)length * sizeof(TSymbol) + sizeof(int) - 1) / sizeof(int));
}
