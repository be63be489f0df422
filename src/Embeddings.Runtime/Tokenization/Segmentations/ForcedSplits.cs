namespace Embeddings.Tokenization;

/// <summary>Where a token is split.</summary>
public enum SplitPlace
{
    /// <summary>Into the two tokens that its merge joined.</summary>
    Merge,

    /// <summary>Between any two of its bytes whose sides are tokens, all such places being equally likely.</summary>
    Random,
}

/// <summary>
/// Splits each occurrence of a token into two with a given probability; the pieces are not split again. Bytes stay the same. One seed gives
/// one result.
/// </summary>
public sealed class ForcedSplits
{
    private readonly List<(int Left, int Right)>[] _splits;
    private readonly double _probability;

    /// <summary>Splits of a tokenizer's tokens.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="place">Where to split.</param>
    /// <param name="probability">For each occurrence, in [0, 1].</param>
    public ForcedSplits(BytePairTokenizer tokenizer, SplitPlace place, double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        _probability = probability;
        _splits = new List<(int Left, int Right)>[tokenizer.VocabularySize];
        BytePairVocabulary vocabulary = tokenizer.Definition.CreateVocabulary();
        for (int id = 0; id < _splits.Length; id++)
        {
            _splits[id] = place == SplitPlace.Merge ? [] : AllSplits(vocabulary, tokenizer.Definition.Tokens[id]);
        }

        foreach ((int left, int right) in place == SplitPlace.Merge ? tokenizer.Merges : [])
        {
            int id = vocabulary.Find([.. tokenizer.Tokens[left], .. tokenizer.Tokens[right]]);
            if (_splits[id].Count == 0)
            {
                _splits[id].Add((left, right));
            }
        }
    }

    /// <summary>The ids with some of them split.</summary>
    /// <param name="ids">Ids of the tokenizer.</param>
    /// <param name="seed">Decides which.</param>
    public int[] Apply(ReadOnlySpan<int> ids, ulong seed)
    {
        var result = new List<int>(ids.Length);
        ulong state = seed;
        foreach (int id in ids)
        {
            List<(int Left, int Right)> splits = _splits[id];
            if (splits.Count == 0 || Uniform(ref state) >= _probability)
            {
                result.Add(id);
                continue;
            }

            (int left, int right) = splits[(int)(Uniform(ref state) * splits.Count)];
            result.Add(left);
            result.Add(right);
        }

        return [.. result];
    }

    private static List<(int Left, int Right)> AllSplits(BytePairVocabulary vocabulary, byte[] token)
    {
        var splits = new List<(int Left, int Right)>();
        for (int cut = 1; cut < token.Length; cut++)
        {
            if (vocabulary.Find(token.AsSpan(0, cut)) is >= 0 and int left && vocabulary.Find(token.AsSpan(cut)) is >= 0 and int right)
            {
                splits.Add((left, right));
            }
        }

        return splits;
    }

    /// <summary>A number in [0, 1) by SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        ulong mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBUL;
        return ((mixed ^ mixed >> 31) >> 11) * (1.0 / (1UL << 53));
    }
}
