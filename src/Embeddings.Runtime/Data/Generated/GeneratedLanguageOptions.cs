namespace Embeddings.Data.Generated;

/// <summary>The knobs of the generated language.</summary>
public sealed record GeneratedLanguageOptions
{
    /// <summary>Seed of the lexicon and of the text.</summary>
    public ulong Seed { get; init; }

    /// <summary>ρ: the share of words whose meaning is drawn at random instead of following from their morphemes, in [0, 1].</summary>
    public double Opacity { get; init; } = 0.25;

    /// <summary>σ: the share of roots whose first letter tells their class, in [0, 1].</summary>
    public double SoundSymbolism { get; init; }

    /// <summary>The share of roots that are an anagram of another root, of another class, in [0, 1].</summary>
    public double Anagrams { get; init; } = 0.5;

    /// <summary>Exponent of Zipf's law among the morphemes of one class; 0 makes them equally frequent.</summary>
    public double ZipfExponent { get; init; } = 1;

    /// <summary>Bytes of text; the last document is finished.</summary>
    public long Bytes { get; init; } = 1_000_000;

    /// <summary>Sentences of a document.</summary>
    public int SentencesPerDocument { get; init; } = 40;

    internal void Check()
    {
        static void Share(double value, string what)
        {
            if (value is not (>= 0 and <= 1))
            {
                throw new UserError($"The {what} of the generated language is {value}; give a share between 0 and 1.");
            }
        }

        Share(Opacity, "opacity");
        Share(SoundSymbolism, "sound symbolism");
        Share(Anagrams, "share of anagrams");
        if (ZipfExponent is not (>= 0 and < 100))
        {
            throw new UserError($"The Zipf exponent of the generated language is {ZipfExponent}; give one of at least 0.");
        }

        if (Bytes < 1 || SentencesPerDocument < 1)
        {
            throw new UserError("The generated language needs at least one byte of text and one sentence per document.");
        }
    }
}
