namespace Embeddings.Data.Generated;

/// <summary>
/// Which word follows: its prefix, root and suffix are drawn independently, each favouring the class or role that the context asks for.
/// The context is the meaning of the word before, or the start of a sentence, which favours nothing. After each word the sentence ends
/// with a fixed probability. So the text is a Markov chain over contexts, and its entropy is a finite sum.
/// </summary>
internal sealed class SentenceGrammar
{
    /// <summary>The context at the start of a sentence; the others are meanings.</summary>
    public const int Start = Lexicon.Meanings;

    /// <summary>Number of contexts.</summary>
    public const int Contexts = Lexicon.Meanings + 1;

    /// <summary>Probability that a sentence ends after a word.</summary>
    public const double EndProbability = 0.125;

    private const double Favour = 0.9;

    /// <summary>Builds the distributions.</summary>
    /// <param name="zipfExponent">Skew within a class.</param>
    public SentenceGrammar(double zipfExponent)
    {
        Prefix = new double[Contexts][];
        Root = new double[Contexts][];
        Suffix = new double[Contexts][];
        for (int context = 0; context < Contexts; context++)
        {
            bool free = context == Start;
            Prefix[context] = Distribution(Lexicon.Prefixes, Lexicon.PrefixRoles, free ? null : context / 2, zipfExponent);
            Root[context] = Distribution(Lexicon.Roots, Lexicon.Meanings, free ? null : context, zipfExponent);
            Suffix[context] = Distribution(Lexicon.Suffixes, Lexicon.Meanings, free ? null : (context + 1) % Lexicon.Meanings, zipfExponent);
        }
    }

    /// <summary>Probability of each prefix in each context.</summary>
    public double[][] Prefix { get; }

    /// <summary>Probability of each root in each context.</summary>
    public double[][] Root { get; }

    /// <summary>Probability of each suffix in each context.</summary>
    public double[][] Suffix { get; }

    /// <summary>Probability of a word in a context.</summary>
    public double Probability(int context, int prefix, int root, int suffix) =>
        Prefix[context][prefix] * Root[context][root] * Suffix[context][suffix];

    /// <summary>
    /// Zipf's law within each class (the item's number modulo <paramref name="classes"/>), and the favoured class with probability
    /// 0.9 + 0.1 / classes, the others equally.
    /// </summary>
    private static double[] Distribution(int items, int classes, int? favoured, double zipfExponent)
    {
        var probabilities = new double[items];
        var classSums = new double[classes];
        for (int item = 0; item < items; item++)
        {
            probabilities[item] = Math.Pow(item / classes + 1, -zipfExponent);
            classSums[item % classes] += probabilities[item];
        }

        for (int item = 0; item < items; item++)
        {
            double ofClass = favoured is { } wanted
                ? (1 - Favour) / classes + (item % classes == wanted ? Favour : 0)
                : 1.0 / classes;
            probabilities[item] *= ofClass / classSums[item % classes];
        }

        return probabilities;
    }
}
