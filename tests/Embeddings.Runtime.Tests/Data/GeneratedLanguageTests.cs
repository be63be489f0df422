using Embeddings.Data;
using Embeddings.Data.Generated;
using Embeddings.Runtime.Tests.Training;

namespace Embeddings.Runtime.Tests.Data;

public sealed class GeneratedLanguageTests
{
    /// <summary>Reads the text back into morphemes and adds up what the true distributions pay for it.</summary>
    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(0.5, 1.0)]
    [InlineData(1.0, 0.0)]
    public void The_text_costs_what_the_entropy_rate_says(double opacity, double zipf)
    {
        var options = new GeneratedLanguageOptions { Seed = 5, Opacity = opacity, ZipfExponent = zipf, Bytes = 600_000 };
        Corpus corpus = new GeneratedLanguage(options).CreateCorpus();
        var lexicon = new Lexicon(options);
        var grammar = new SentenceGrammar(zipf);
        double bits = 0;
        foreach (string sentence in corpus.Text().Split(".\n", StringSplitOptions.RemoveEmptyEntries))
        {
            int context = SentenceGrammar.Start;
            string[] words = sentence.Split(' ');
            foreach (string word in words)
            {
                int prefix = Array.IndexOf(lexicon.PrefixForms, word[..2]);
                int root = Array.IndexOf(lexicon.RootForms, word[2..^2]);
                int suffix = Array.IndexOf(lexicon.SuffixForms, word[^2..]);
                bits -= Math.Log2(grammar.Probability(context, prefix, root, suffix));
                context = lexicon.WordMeanings[Lexicon.WordOf(prefix, root, suffix)];
            }

            bits -= (words.Length - 1) * Math.Log2(1 - SentenceGrammar.EndProbability) + Math.Log2(SentenceGrammar.EndProbability);
        }

        double rate = bits / corpus.Bytes;
        EntropyRates rates = new GeneratedLanguage(options).Rates;
        Assert.InRange(rate / rates.Source, 0.99, 1.01);
    }

    [Fact]
    public void Opacity_is_the_worth_of_knowing_words_by_heart()
    {
        double Worth(double opacity)
        {
            EntropyRates rates = new GeneratedLanguage(new GeneratedLanguageOptions { Opacity = opacity }).Rates;
            return rates.Compositional - rates.Source;
        }

        Assert.Equal(0, Worth(0), 12);
        Assert.InRange(Worth(0.5), 0.01, Worth(1) - 0.01);
    }

    [Fact]
    public void The_seed_decides_the_text_and_more_bytes_only_go_on()
    {
        Corpus Text(ulong seed, long bytes) => new GeneratedLanguage(new GeneratedLanguageOptions { Seed = seed, Bytes = bytes }).CreateCorpus();
        Corpus text = Text(1, 20_000);
        Assert.Equal(text.Hash, Text(1, 20_000).Hash);
        Assert.NotEqual(text.Hash, Text(2, 20_000).Hash);
        Assert.StartsWith(text.Text(), Text(1, 40_000).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Anagrams_share_their_letters_and_never_their_class()
    {
        var (_, roots, _) = new GeneratedLanguage(new GeneratedLanguageOptions { Anagrams = 1 }).Morphemes;
        for (int root = 0; root < roots.Count; root += 2)
        {
            Assert.Equal(roots[root].Order(), roots[root + 1].Order());
            Assert.NotEqual(roots[root], roots[root + 1]);
            Assert.NotEqual(root % Lexicon.Meanings, (root + 1) % Lexicon.Meanings);
        }
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        Refused(new GeneratedLanguageOptions { Opacity = 1.5 }, "opacity of the generated language is 1.5");
        Refused(new GeneratedLanguageOptions { Anagrams = -1 }, "share of anagrams");
        Refused(new GeneratedLanguageOptions { SoundSymbolism = double.NaN }, "sound symbolism");
        Refused(new GeneratedLanguageOptions { ZipfExponent = -1 }, "Zipf");
        Refused(new GeneratedLanguageOptions { Bytes = 0 }, "at least one byte");
    }

    private static void Refused(GeneratedLanguageOptions options, string part) =>
        Assert.Contains(part, Assert.Throws<UserError>(() => new GeneratedLanguage(options)).Message, StringComparison.Ordinal);
}
