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

    /// <summary>How a model's input tokens are spelled, where its rows are composed; otherwise null.</summary>
    public static Spelling? SpellingOf(ModelDescription model) => VocabulariesOf(model).InputSpelling(model);

    /// <summary>Vocabularies of the sizes that a model declares.</summary>
    public static ModelVocabularies VocabulariesOf(ModelDescription model) => new(
        Vocabulary(model.VocabularySize),
        Vocabulary(model.InputVocabularySize),
        model.Architecture.SuffixVocabulary > 0 ? Vocabulary(model.Architecture.SuffixVocabulary) : null);

    /// <summary>Random ids of a pass: inputs of each plane, and targets; with one vocabulary each target is the next input.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">B·T.</param>
    public static (int[] Tokens, int[] Targets) Of(ModelDescription model, int count)
    {
        var tokens = new int[count * model.InputPlanes];
        var targets = new int[count];
        Fill(model.VocabularySize, tokens.AsSpan(0, count), targets);
        if (model.InputVocabularySize != model.VocabularySize)
        {
            Fill(model.InputVocabularySize, tokens.AsSpan(0, count), []);
        }

        if (model.InputPlanes > 1)
        {
            Fill(model.Architecture.SecondVocabulary, tokens.AsSpan(count), []);
        }

        return (tokens, targets);
    }

    /// <summary>Fills ids, and for each the one that follows it.</summary>
    private static void Fill(int vocabularySize, Span<int> tokens, Span<int> targets)
    {
        var random = new RandomStream(Seed, "synthetic text");
        int next = random.NextInteger(vocabularySize);
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = next;
            next = random.NextInteger(vocabularySize);
            if (i < targets.Length)
            {
                targets[i] = next;
            }
        }
    }
}
