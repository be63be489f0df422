using Embeddings.Models;

namespace Embeddings.Experiments.Benchmarks;

/// <summary>A vocabulary and text of nothing but chance, for work whose time does not depend on what is said.</summary>
internal static class SyntheticTokens
{
    private const ulong Seed = 1;
    private const int LongestToken = 8;

    /// <summary>Token bytes: the 256 bytes, then random ones of 2 to 8 bytes.</summary>
    public static byte[][] Vocabulary(int size)
    {
        var random = new RandomStream(Seed, "synthetic vocabulary");
        var tokens = new byte[size][];
        for (int id = 0; id < size; id++)
        {
            tokens[id] = id < 256 ? [(byte)id] : new byte[2 + random.NextInteger(LongestToken - 1)];
            for (int place = 0; id >= 256 && place < tokens[id].Length; place++)
            {
                tokens[id][place] = (byte)random.NextInteger(256);
            }
        }

        return tokens;
    }

    /// <summary>How a model's tokens are spelled, where its rows are composed; otherwise null.</summary>
    public static Spelling? SpellingOf(ModelDescription model) => Spelling.Of(
        model.Architecture.InputEmbedding, model.Architecture.SpellingPositions, Vocabulary(model.VocabularySize));

    /// <summary>Fills ids, and for each the one that follows it.</summary>
    public static void Fill(int vocabularySize, Span<int> tokens, Span<int> targets)
    {
        var random = new RandomStream(Seed, "synthetic text");
        int next = random.NextInteger(vocabularySize);
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = next;
            targets[i] = next = random.NextInteger(vocabularySize);
        }
    }
}
