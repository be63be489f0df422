namespace Embeddings.Data.Generated;

/// <summary>
/// Exact entropy rates of a generated language, in bits per byte. A word's spelling has one reading and the context is a function of the
/// word before, so the chain over contexts, five states, holds all there is to know.
/// </summary>
/// <param name="Source">The entropy rate: what a model that knows the lexicon and the grammar pays.</param>
/// <param name="Compositional">
/// What a model pays that knows the grammar, every morpheme and the opacity, but not which words are opaque nor what those mean: the
/// difference to <paramref name="Source"/> is the worth of knowing words by heart.
/// </param>
public sealed record EntropyRates(double Source, double Compositional)
{
    internal static EntropyRates Of(Lexicon lexicon, SentenceGrammar grammar, double opacity)
    {
        double[] stationary = Stationary(lexicon, grammar);
        double bits = 0;
        double bytes = 0;

        // pairs[t, m]: how often a word that would mean t, were it transparent, means m
        var pairs = new double[Lexicon.Meanings, Lexicon.Meanings];
        for (int context = 0; context < SentenceGrammar.Contexts; context++)
        {
            bits += stationary[context] * (Entropy(grammar.Prefix[context]) + Entropy(grammar.Root[context]) + Entropy(grammar.Suffix[context]));
            ForEachWord((prefix, root, suffix) =>
            {
                double share = stationary[context] * grammar.Probability(context, prefix, root, suffix);
                bytes += share * (lexicon.PrefixForms[prefix].Length + lexicon.RootForms[root].Length + lexicon.SuffixForms[suffix].Length);
                pairs[Lexicon.Transparent(prefix, root, suffix), lexicon.WordMeanings[Lexicon.WordOf(prefix, root, suffix)]] += share;
            });
        }

        const double End = SentenceGrammar.EndProbability;
        bits += Entropy([End, 1 - End]);
        bytes += End * 2 + (1 - End); // ".\n" or " "

        // A context other than the start has frequency (1 − End) · Σ_t pairs[t, m]; the guess replaces it by a mixture over meanings.
        double excess = 0;
        for (int transparent = 0; transparent < Lexicon.Meanings; transparent++)
        {
            for (int meaning = 0; meaning < Lexicon.Meanings; meaning++)
            {
                excess += (1 - End) * pairs[transparent, meaning] * Divergence(grammar, meaning, transparent, opacity);
            }
        }

        return new EntropyRates(bits / bytes, (bits + excess) / bytes);
    }

    private static double[] Stationary(Lexicon lexicon, SentenceGrammar grammar)
    {
        const int N = SentenceGrammar.Contexts;
        var transition = new double[N, N];
        for (int context = 0; context < N; context++)
        {
            transition[context, SentenceGrammar.Start] = SentenceGrammar.EndProbability;
            ForEachWord((prefix, root, suffix) => transition[context, lexicon.WordMeanings[Lexicon.WordOf(prefix, root, suffix)]] +=
                (1 - SentenceGrammar.EndProbability) * grammar.Probability(context, prefix, root, suffix));
        }

        // The start is entered with probability 1/8 from everywhere, so the distance to the limit falls by 7/8 or more a round.
        var now = new double[N];
        now[SentenceGrammar.Start] = 1;
        for (int round = 0; round < 500; round++)
        {
            var next = new double[N];
            for (int from = 0; from < N; from++)
            {
                for (int to = 0; to < N; to++)
                {
                    next[to] += now[from] * transition[from, to];
                }
            }

            now = next;
        }

        return now;
    }

    /// <summary>Bits lost when the next word, drawn in the context <paramref name="meaning"/>, is foretold by the guess for a transparent meaning.</summary>
    private static double Divergence(SentenceGrammar grammar, int meaning, int transparent, double opacity)
    {
        double bits = 0;
        ForEachWord((prefix, root, suffix) =>
        {
            double truth = grammar.Probability(meaning, prefix, root, suffix);
            double guess = (1 - opacity) * grammar.Probability(transparent, prefix, root, suffix);
            for (int other = 0; other < Lexicon.Meanings; other++)
            {
                guess += opacity / Lexicon.Meanings * grammar.Probability(other, prefix, root, suffix);
            }

            bits += truth * Math.Log2(truth / guess);
        });
        return bits;
    }

    private static double Entropy(double[] probabilities) => -probabilities.Sum(p => p * Math.Log2(p));

    private static void ForEachWord(Action<int, int, int> action)
    {
        for (int prefix = 0; prefix < Lexicon.Prefixes; prefix++)
        {
            for (int root = 0; root < Lexicon.Roots; root++)
            {
                for (int suffix = 0; suffix < Lexicon.Suffixes; suffix++)
                {
                    action(prefix, root, suffix);
                }
            }
        }
    }
}
