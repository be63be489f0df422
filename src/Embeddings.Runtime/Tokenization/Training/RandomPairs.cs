using Embeddings.Models;

namespace Embeddings.Tokenization;

/// <summary>
/// Draws pairs of neighbours from a text: every place where two tokens stand side by side is equally likely, if they make a token that there is
/// not yet and that has the wanted length.
/// </summary>
internal sealed unsafe class RandomPairs
{
    private const int Tries = 4096;

    private readonly TrainingWords<int> _words;
    private readonly MergeLearner<int> _learner;
    private readonly RandomStream _random;
    private readonly int[] _places;
    private readonly int[] _pairs;
    private readonly long[] _ends;

    /// <summary>Prepares to draw.</summary>
    /// <param name="words">The words of the text as they are before all merges.</param>
    /// <param name="learner">Makes the merges in them.</param>
    /// <param name="random">Draws.</param>
    public RandomPairs(TrainingWords<int> words, MergeLearner<int> learner, RandomStream random)
    {
        _words = words;
        _learner = learner;
        _random = random;

        // The order of words in memory depends on the threads that counted them; draws must not.
        var places = new List<int>(words.Count);
        for (int word = words.First; word >= 0; word = words.Next(word))
        {
            places.Add(word);
        }

        places.Sort(Compare);
        _places = [.. places];
        _pairs = new int[_places.Length];
        _ends = new long[_places.Length];
        long end = 0;
        for (int i = 0; i < _places.Length; i++)
        {
            words.Symbols(_places[i], out int length);
            _pairs[i] = length - 1;
            end += words.CountOf(_places[i]) * _pairs[i];
            _ends[i] = end;
        }
    }

    /// <summary>
    /// A pair whose bytes together have the first of some lengths; where there is none, the first length that there is, and if none of them is,
    /// the length nearest to the first. That length is taken off the list, or else the first is.
    /// </summary>
    /// <param name="lengths">Lengths, at least one.</param>
    /// <returns>Null where no pair is left.</returns>
    public (int Left, int Right)? Draw(LinkedList<int> lengths)
    {
        int length = lengths.First!.Value;

        // A place of a pair that has gone is drawn anew, which leaves all others equally likely.
        for (int i = 0; i < Tries && _ends.Length > 0; i++)
        {
            int word = Array.BinarySearch(_ends, (long)(_random.NextUniform() * _ends[^1]) + 1);
            word = word >= 0 ? word : ~word;
            int place = _random.NextInteger(_pairs[word]);
            int* symbols = _words.Symbols(_places[word], out int count);
            if (place + 1 < count && _learner.LengthOfNew(symbols[place], symbols[place + 1]) == length)
            {
                lengths.RemoveFirst();
                return (symbols[place], symbols[place + 1]);
            }
        }

        SortedDictionary<int, Dictionary<(int Left, int Right), long>> all = AllByLength();
        if (all.Count == 0)
        {
            return null;
        }

        LinkedListNode<int> taken = lengths.First;
        while (taken is not null && !all.ContainsKey(taken.Value))
        {
            taken = taken.Next!;
        }

        lengths.Remove(taken ?? lengths.First);
        return Draw(all[taken?.Value ?? all.Keys.MinBy(each => Distance(each, length))]);
    }

    private (int Left, int Right)? Draw(Dictionary<(int Left, int Right), long> weights)
    {
        long drawn = (long)(_random.NextUniform() * weights.Values.Sum());
        foreach (((int Left, int Right) pair, long weight) in weights)
        {
            drawn -= weight;
            if (drawn < 0)
            {
                return pair;
            }
        }

        return weights.Keys.Last();
    }

    /// <summary>All pairs that make a new token, by its length, with the number of their places.</summary>
    private SortedDictionary<int, Dictionary<(int Left, int Right), long>> AllByLength()
    {
        var all = new SortedDictionary<int, Dictionary<(int Left, int Right), long>>();
        foreach (int word in _places)
        {
            int* symbols = _words.Symbols(word, out int count);
            for (int i = 0; i + 1 < count; i++)
            {
                int length = _learner.LengthOfNew(symbols[i], symbols[i + 1]);
                if (length > 0)
                {
                    if (!all.TryGetValue(length, out Dictionary<(int Left, int Right), long>? weights))
                    {
                        all.Add(length, weights = []);
                    }

                    (int, int) pair = (symbols[i], symbols[i + 1]);
                    weights[pair] = weights.GetValueOrDefault(pair) + _words.CountOf(word);
                }
            }
        }

        return all;
    }

    /// <summary>How far a length is from another; a shorter one is nearer than a longer one that is as far.</summary>
    private static int Distance(int length, int wanted) => 2 * Math.Abs(length - wanted) + (length > wanted ? 1 : 0);

    private int Compare(int one, int other)
    {
        int* left = _words.Symbols(one, out int leftLength);
        int* right = _words.Symbols(other, out int rightLength);
        return new ReadOnlySpan<int>(left, leftLength).SequenceCompareTo(new ReadOnlySpan<int>(right, rightLength));
    }
}
