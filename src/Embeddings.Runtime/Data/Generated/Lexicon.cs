using Embeddings.Models;

namespace Embeddings.Data.Generated;

/// <summary>
/// The words of a generated language. A word is prefix + root + suffix over 20 letters; prefixes and suffixes have two letters each, so
/// that every word has one reading. A root has one of four classes, a suffix one of four roles, a prefix one of two; a transparent word
/// means root class XOR suffix role, both bits turned over by half of the prefixes: no sum over morphemes gives it. An opaque word means
/// something drawn at random.
/// </summary>
internal sealed class Lexicon
{
    public const int Meanings = 4;
    public const int Roots = 60;
    public const int Prefixes = 12;
    public const int Suffixes = 12;
    public const int PrefixRoles = 2;
    public const int Words = Prefixes * Roots * Suffixes;

    private const string Consonants = "bdfghklmnprstvz";
    private const string Vowels = "aeiou";
    private const int OwnConsonants = 3;

    public Lexicon(GeneratedLanguageOptions options)
    {
        var random = new RandomStream(options.Seed, "generated language: lexicon");
        PrefixForms = Affixes(random, Prefixes, consonantFirst: true);
        SuffixForms = Affixes(random, Suffixes, consonantFirst: false);
        RootForms = RootsOf(options, random);
        WordMeanings = MeaningsOf(options);
    }

    /// <summary>Spelling of each prefix; its role is its number modulo 2.</summary>
    public string[] PrefixForms { get; }

    /// <summary>Spelling of each root; its class is its number modulo 4.</summary>
    public string[] RootForms { get; }

    /// <summary>Spelling of each suffix; its role is its number modulo 4.</summary>
    public string[] SuffixForms { get; }

    /// <summary>What each word means; see <see cref="WordOf"/> for its number.</summary>
    public int[] WordMeanings { get; }

    /// <summary>Number of a word.</summary>
    public static int WordOf(int prefix, int root, int suffix) => (prefix * Roots + root) * Suffixes + suffix;

    /// <summary>What a word would mean were it transparent.</summary>
    public static int Transparent(int prefix, int root, int suffix) =>
        (root % Meanings) ^ (suffix % Meanings) ^ (prefix % PrefixRoles * (Meanings - 1));

    private static string[] Affixes(RandomStream random, int count, bool consonantFirst)
    {
        string[] all =
        [
            .. from consonant in Consonants
               from vowel in Vowels
               select consonantFirst ? $"{consonant}{vowel}" : $"{vowel}{consonant}",
        ];
        random.Shuffle(all.AsSpan());
        return all[..count];
    }

    private static string[] RootsOf(GeneratedLanguageOptions options, RandomStream random)
    {
        // Root 2p + 1 is the anagram of root 2p in the first pairs; their numbers differ by one, hence so do their classes.
        int anagramPairs = (int)Math.Round(options.Anagrams * Roots / 2);
        var forms = new List<string>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        while (forms.Count < Roots)
        {
            int root = forms.Count;
            bool opensPair = root % 2 == 0 && root / 2 < anagramPairs;
            string form = RandomRoot(options, random, root, longEnoughToTurn: opensPair);
            string mirror = Mirror(form);
            if (taken.Contains(form) || (opensPair && (mirror == form || taken.Contains(mirror))))
            {
                continue;
            }

            taken.Add(form);
            forms.Add(form);
            if (opensPair)
            {
                taken.Add(mirror);
                forms.Add(mirror);
            }
        }

        return [.. forms];
    }

    private static string RandomRoot(GeneratedLanguageOptions options, RandomStream random, int root, bool longEnoughToTurn)
    {
        int syllables = longEnoughToTurn || random.NextUniform() < 0.5 ? 2 : 1;
        var letters = new List<char>();
        for (int i = 0; i < syllables; i++)
        {
            letters.Add(Consonants[random.NextInteger(Consonants.Length)]);
            letters.Add(Vowels[random.NextInteger(Vowels.Length)]);
        }

        letters.Add(Consonants[random.NextInteger(Consonants.Length)]);
        if (random.NextUniform() < options.SoundSymbolism)
        {
            letters[0] = Consonants[root % Meanings * OwnConsonants + random.NextInteger(OwnConsonants)];
        }

        return new string([.. letters]);
    }

    /// <summary>The same letters with the first two consonants exchanged: <c>tolak</c> to <c>lotak</c>.</summary>
    private static string Mirror(string root) => root.Length < 5 ? root : $"{root[2]}{root[1]}{root[0]}{root[3..]}";

    private static int[] MeaningsOf(GeneratedLanguageOptions options)
    {
        // A stream of its own, two draws a word: raising the opacity only adds opaque words.
        var random = new RandomStream(options.Seed, "generated language: meanings");
        var meanings = new int[Words];
        for (int prefix = 0; prefix < Prefixes; prefix++)
        {
            for (int root = 0; root < Roots; root++)
            {
                for (int suffix = 0; suffix < Suffixes; suffix++)
                {
                    bool opaque = random.NextUniform() < options.Opacity;
                    int idiosyncratic = random.NextInteger(Meanings);
                    meanings[WordOf(prefix, root, suffix)] = opaque ? idiosyncratic : Transparent(prefix, root, suffix);
                }
            }
        }

        return meanings;
    }
}
