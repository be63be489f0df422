using System.Text;
using Embeddings.Models;

namespace Embeddings.Data.Generated;

/// <summary>
/// A small language with known truth: 20 letters, 60 roots, 12 prefixes, 12 suffixes, a grammar in which a word's meaning decides what
/// follows, and knobs for how much of that meaning its spelling gives away. Its entropy rate is known exactly, so a model's loss on it
/// can be reported as an excess.
/// </summary>
public sealed class GeneratedLanguage
{
    private readonly GeneratedLanguageOptions _options;
    private readonly Lexicon _lexicon;
    private readonly SentenceGrammar _grammar;
    private readonly Lazy<EntropyRates> _rates;

    /// <summary>Draws the lexicon.</summary>
    /// <exception cref="UserError">An option is out of range.</exception>
    public GeneratedLanguage(GeneratedLanguageOptions options)
    {
        options.Check();
        _options = options;
        _lexicon = new Lexicon(options);
        _grammar = new SentenceGrammar(options.ZipfExponent);
        _rates = new Lazy<EntropyRates>(() => EntropyRates.Of(_lexicon, _grammar, options.Opacity));
    }

    /// <summary>Exact entropy rates, in bits per byte of text.</summary>
    public EntropyRates Rates => _rates.Value;

    /// <summary>The spelling of each prefix, root and suffix: the gold morphemes.</summary>
    public (IReadOnlyList<string> Prefixes, IReadOnlyList<string> Roots, IReadOnlyList<string> Suffixes) Morphemes =>
        (_lexicon.PrefixForms, _lexicon.RootForms, _lexicon.SuffixForms);

    /// <summary>Draws the text: documents of whole sentences, one sentence per line, each document from a stream of its own.</summary>
    public Corpus CreateCorpus()
    {
        var documents = new List<Document>();
        for (long bytes = 0; bytes < _options.Bytes; bytes += documents[^1].Bytes.Length)
        {
            documents.Add(CreateDocument(documents.Count));
        }

        return new Corpus(FormattableString.Invariant($"generated language (opacity {_options.Opacity}, seed {_options.Seed})"), documents);
    }

    private Document CreateDocument(int number)
    {
        var random = new RandomStream(_options.Seed, FormattableString.Invariant($"generated language: document {number}"));
        var text = new StringBuilder();
        for (int sentence = 0; sentence < _options.SentencesPerDocument; sentence++)
        {
            int context = SentenceGrammar.Start;
            while (true)
            {
                int prefix = Draw(random, _grammar.Prefix[context]);
                int root = Draw(random, _grammar.Root[context]);
                int suffix = Draw(random, _grammar.Suffix[context]);
                text.Append(_lexicon.PrefixForms[prefix]).Append(_lexicon.RootForms[root]).Append(_lexicon.SuffixForms[suffix]);
                if (random.NextUniform() < SentenceGrammar.EndProbability)
                {
                    text.Append(".\n");
                    break;
                }

                text.Append(' ');
                context = _lexicon.WordMeanings[Lexicon.WordOf(prefix, root, suffix)];
            }
        }

        return new Document(FormattableString.Invariant($"generated document {number + 1}"), Encoding.ASCII.GetBytes(text.ToString()));
    }

    private static int Draw(RandomStream random, double[] probabilities)
    {
        double rest = random.NextUniform();
        int item = 0;
        while (item < probabilities.Length - 1 && (rest -= probabilities[item]) >= 0)
        {
            item++;
        }

        return item;
    }
}
