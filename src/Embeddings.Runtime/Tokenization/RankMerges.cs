using System.Collections;

namespace Embeddings.Tokenization;

/// <summary>
/// The merges of a vocabulary of ranks: all ways to cut a token into two others, in order of id, then of the cut. They are found when the
/// first is asked for, because a word that is a token needs none of them, and on all processors but one, because encoding goes on meanwhile.
/// </summary>
/// <param name="vocabulary">The tokens.</param>
internal sealed class RankMerges(BytePairVocabulary vocabulary) : IReadOnlyList<(int Left, int Right)>
{
    private readonly Lazy<Merge[]> _merges = new(() => Find(vocabulary));

    /// <summary>The tokens.</summary>
    public BytePairVocabulary Vocabulary => vocabulary;

    /// <inheritdoc/>
    public int Count => _merges.Value.Length;

    /// <inheritdoc/>
    public (int Left, int Right) this[int index] => (_merges.Value[index].Left, _merges.Value[index].Right);

    /// <inheritdoc/>
    public IEnumerator<(int Left, int Right)> GetEnumerator() => _merges.Value.Select(merge => (merge.Left, merge.Right)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The table that encoders read.</summary>
    /// <param name="idOfByte">The id of each byte.</param>
    public MergeTable CreateTable(int[] idOfByte)
    {
        Merge[] merges = _merges.Value;
        var table = new MergeTable(merges.Length, idOfByte, ranksAreIds: true);
        foreach (Merge merge in merges)
        {
            table.TryAdd(merge.Left, merge.Right, merge.Id, merge.Id);
        }

        return table;
    }

    private static Merge[] Find(BytePairVocabulary vocabulary)
    {
        const int TokensAtOnce = 4096;
        byte[][] tokens = vocabulary.Tokens;
        var parts = new List<Merge>[(tokens.Length + TokensAtOnce - 1) / TokensAtOnce];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) };
        Parallel.For(0, parts.Length, options, part =>
        {
            var found = new List<Merge>(4 * TokensAtOnce);
            for (int id = part * TokensAtOnce; id < Math.Min(tokens.Length, (part + 1) * TokensAtOnce); id++)
            {
                byte[] token = tokens[id];
                for (int cut = 1; cut < token.Length; cut++)
                {
                    int left = vocabulary.Find(token.AsSpan(0, cut));
                    if (left >= 0 && vocabulary.Find(token.AsSpan(cut)) is >= 0 and int right)
                    {
                        found.Add(new Merge(left, right, id));
                    }
                }
            }

            parts[part] = found;
        });
        return [.. parts.SelectMany(part => part)];
    }

    private readonly record struct Merge(int Left, int Right, int Id);
}
