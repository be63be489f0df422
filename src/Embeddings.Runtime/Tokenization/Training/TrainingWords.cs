using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>The distinct words of at least two bytes as sequences of ids, which merges make shorter in place.</summary>
internal sealed unsafe class TrainingWords : IDisposable
{
    private NativeArray<int> _symbols;
    private NativeArray<int> _starts;
    private NativeArray<int> _lengths;
    private NativeArray<long> _counts;

    /// <summary>Takes the words over; their table is emptied on the way.</summary>
    /// <param name="counts">Words and counts.</param>
    /// <param name="idOfByte">The id that stands for each byte.</param>
    public TrainingWords(WordCounts counts, int[] idOfByte)
    {
        long words = 0;
        long symbols = 0;
        counts.Visit((word, _) =>
        {
            words += word.Length > 1 ? 1 : 0;
            symbols += word.Length > 1 ? word.Length : 0;
        }, release: false);
        if (symbols > int.MaxValue)
        {
            throw new UserError("The text has more than 2 GB of distinct words; choose another pre-tokenisation or give less text.");
        }

        _symbols = new NativeArray<int>(symbols + 1);
        _starts = new NativeArray<int>(words + 1);
        _lengths = new NativeArray<int>(words + 1);
        _counts = new NativeArray<long>(words + 1);
        int next = 0;
        counts.Visit((word, count) =>
        {
            if (word.Length > 1)
            {
                Append(word, count, idOfByte, ref next);
            }
        }, release: true);
    }

    /// <summary>Distinct words.</summary>
    public int Count { get; private set; }

    /// <summary>How often a word occurs.</summary>
    public long CountOf(int word) => _counts.Pointer[word];

    /// <summary>A word's ids.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Symbols(int word, out int length)
    {
        length = _lengths.Pointer[word];
        return _symbols.Pointer + _starts.Pointer[word];
    }

    /// <summary>Says how many of a word's ids are left.</summary>
    public void SetLength(int word, int length) => _lengths.Pointer[word] = length;

    /// <summary>Pairs of neighbours in the text.</summary>
    public long TotalPairs()
    {
        long total = 0;
        for (int word = 0; word < Count; word++)
        {
            total += _counts[word] * (_lengths[word] - 1);
        }

        return total;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _symbols.Dispose();
        _starts.Dispose();
        _lengths.Dispose();
        _counts.Dispose();
    }

    private void Append(ReadOnlySpan<byte> word, long count, int[] idOfByte, ref int next)
    {
        _starts[Count] = next;
        _lengths[Count] = word.Length;
        _counts[Count] = count;
        Count++;
        foreach (byte value in word)
        {
            _symbols[next++] = idOfByte[value];
        }
    }
}
