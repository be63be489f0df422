using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Embeddings.Tokenization;
using Microsoft.ML.Tokenizers;

namespace Embeddings.Runtime.Tests.Tokenization;

public sealed class TokenizerFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<PreTokenization> Patterns => [.. Enum.GetValues<PreTokenization>()];

    [Theory, MemberData(nameof(Patterns))]
    public void A_saved_tokenizer_loads_as_itself(PreTokenization pattern)
    {
        BytePairTokenizer tokenizer = Train(320, Splitter.Of(pattern), "<|end|>");
        TokenizerFile.Save(In("tokenizer.json"), tokenizer);
        var loaded = (BytePairTokenizer)TokenizerFile.Load(In("tokenizer.json"));
        Assert.Equal(tokenizer.Identity, loaded.Identity);
        Assert.Equal(tokenizer.SpecialTokens, loaded.SpecialTokens);
        SomeText.Bytes.Sample(bytes => Encode(tokenizer, bytes).SequenceEqual(Encode(loaded, bytes)), iter: 50);
    }

    [Fact]
    public void A_pattern_of_the_user_is_saved_with_the_tokenizer()
    {
        BytePairTokenizer tokenizer = Train(320, new PatternSplitter(@"\p{Lu}?\p{Ll}+|\p{Nd}"));
        TokenizerFile.Save(In("tokenizer.json"), tokenizer);
        Assert.Equal(tokenizer.Identity, TokenizerFile.Load(In("tokenizer.json")).Identity);
    }

    [Fact]
    public void Bytes_are_saved_as_bytes()
    {
        TokenizerFile.Save(In("tokenizer.json"), new ByteTokenizer());
        Assert.Equal("bytes", TokenizerFile.Load(In("tokenizer.json")).Identity);
    }

    [Fact]
    public void Every_format_gives_the_same_ids()
    {
        BytePairTokenizer tokenizer = Train(400, Splitter.Of(PreTokenization.Gpt2));
        TokenizerFile.SaveRanks(In("gpt2.tiktoken"), tokenizer);
        TokenizerFile.SaveVocabularyAndMerges(_folder, tokenizer);
        Embeddings.Tokenization.Tokenizer ranks = TokenizerFile.Load(In("gpt2.tiktoken"));
        Embeddings.Tokenization.Tokenizer files = TokenizerFile.Load(In("vocab.json"));
        Assert.Equal(tokenizer.Identity, files.Identity);
        SomeText.Bytes.Sample(bytes => Encode(tokenizer, bytes).SequenceEqual(Encode(ranks, bytes)), iter: 300);
    }

    [Fact]
    public void Microsoft_reads_our_ranks_and_gives_the_same_ids()
    {
        BytePairTokenizer tokenizer = Train(700, Splitter.Of(PreTokenization.Cl100k));
        TokenizerFile.SaveRanks(In("ours.tiktoken"), tokenizer);
        var pattern = new RegexPreTokenizer(
            new System.Text.RegularExpressions.Regex(Splitter.Of(PreTokenization.Cl100k).Pattern), null);
        TiktokenTokenizer theirs = TiktokenTokenizer.Create(In("ours.tiktoken"), pattern, null);
        Agree(tokenizer, text => theirs.EncodeToIds(text));
    }

    [Fact]
    public void Microsoft_reads_our_vocabulary_and_merges_and_gives_the_same_ids()
    {
        BytePairTokenizer tokenizer = Train(700, Splitter.Of(PreTokenization.Gpt2), "<|endoftext|>");
        TokenizerFile.SaveVocabularyAndMerges(_folder, tokenizer);
        CodeGenTokenizer theirs = CodeGenTokenizer.Create(
            File.OpenRead(In("vocab.json")), File.OpenRead(In("merges.txt")), addPrefixSpace: false, addBeginOfSentence: false, addEndOfSentence: false);
        string sentences = Encoding.UTF8.GetString(SomeText.Sentences(100));
        Assert.Equal(theirs.EncodeToIds(sentences), Encode(tokenizer, Encoding.UTF8.GetBytes(sentences)));
    }

    [Fact]
    public void Microsoft_reads_our_vocabulary_and_merges_as_byte_level_pairs_and_gives_the_same_ids_on_any_text()
    {
        BytePairTokenizer tokenizer = Train(700, Splitter.Of(PreTokenization.Gpt2));
        TokenizerFile.SaveVocabularyAndMerges(_folder, tokenizer);
        var options = new BpeOptions(In("vocab.json"), In("merges.txt"))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new System.Text.RegularExpressions.Regex(tokenizer.Splitter.Pattern), null),
        };
        BpeTokenizer theirs = BpeTokenizer.Create(options);
        Agree(tokenizer, text => theirs.EncodeToIds(text));
        string spaces = string.Concat(Enumerable.Range(1, 70).Select(count => new string(' ', count) + "x"));
        Assert.Equal(theirs.EncodeToIds(spaces), Encode(tokenizer, Encoding.UTF8.GetBytes(spaces)));
    }

    /// <summary>Microsoft's CodeGen tokenizer adds 30 tokens for 2 to 31 spaces, which no file says, behind GPT-2's 50,257 entries.</summary>
    [Fact]
    public void Microsofts_CodeGen_tokenizer_has_tokens_of_its_own_for_runs_of_spaces()
    {
        BytePairTokenizer tokenizer = Train(700, Splitter.Of(PreTokenization.Gpt2), "<|endoftext|>");
        TokenizerFile.SaveVocabularyAndMerges(_folder, tokenizer);
        CodeGenTokenizer theirs = CodeGenTokenizer.Create(
            File.OpenRead(In("vocab.json")), File.OpenRead(In("merges.txt")), addPrefixSpace: false, addBeginOfSentence: false, addEndOfSentence: false);
        for (int count = 2; count <= 31; count++)
        {
            Assert.Equal(50_257 + 31 - count, theirs.EncodeToIds(new string(' ', count) + "x")[0]);
        }

        Assert.Equal(theirs.EncodeToIds(" x"), Encode(tokenizer, " x"u8));
    }

    /// <summary>A .NET string cannot hold bytes that are not UTF-8; they are U+FFFD when a tokenizer of strings sees them.</summary>
    [Fact]
    public void Bytes_that_are_not_UTF8_are_the_only_difference_to_a_tokenizer_of_strings()
    {
        TiktokenTokenizer theirs = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        File.WriteAllLines(In("cl100k_base.tiktoken"), Cl100kLines());
        BytePairTokenizer ours = TokenizerFile.LoadRanks(In("cl100k_base.tiktoken"), Splitter.Of(PreTokenization.Cl100k));
        byte[] bytes = [.. SomeText.Sentences(3), 0xE9, (byte)'t', 0xFF, .. SomeText.Sentences(3)];
        string text = Encoding.UTF8.GetString(bytes);
        Assert.NotEqual(theirs.EncodeToIds(text), Encode(ours, bytes));
        Assert.Equal(theirs.EncodeToIds(text), Encode(ours, Encoding.UTF8.GetBytes(text)));
        Assert.Equal(bytes, ours.Decode([.. Encode(ours, bytes)]));
        Assert.NotEqual(bytes, Encoding.UTF8.GetBytes(theirs.Decode(theirs.EncodeToIds(text))));
    }

    [Fact]
    public void We_read_cl100k_as_Microsoft_has_it_and_give_the_same_ids()
    {
        TiktokenTokenizer theirs = TiktokenTokenizer.CreateForEncoding("cl100k_base");
        File.WriteAllLines(In("cl100k_base.tiktoken"), Cl100kLines());
        BytePairTokenizer ours = TokenizerFile.LoadRanks(In("cl100k_base.tiktoken"), Splitter.Of(PreTokenization.Cl100k));
        Assert.Equal(100256, ours.VocabularySize);
        Agree(ours, text => theirs.EncodeToIds(text));
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("ours.tiktoken")]
    [InlineData("vocab.json")]
    [InlineData("llmc.bin")]
    public void A_damaged_file_is_refused_in_a_sentence_or_gives_a_tokenizer_that_round_trips(string name)
    {
        BytePairTokenizer tokenizer = Train(300, Splitter.Of(PreTokenization.Gpt2), "<|end|>");
        TokenizerFile.Save(In("tokenizer.json"), tokenizer);
        TokenizerFile.SaveRanks(In("ours.tiktoken"), tokenizer);
        TokenizerFile.SaveVocabularyAndMerges(_folder, tokenizer);
        TokenizerFile.SaveLlmc(In("llmc.bin"), tokenizer);
        byte[] whole = File.ReadAllBytes(In(name));
        int refused = 0;
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((place, value, how) =>
        {
            byte[] damaged = how switch
            {
                0 => whole[..place],
                1 => [.. whole[..place], value, .. whole[(place + 1)..]],
                2 => [.. whole[..place], .. whole[Math.Min(whole.Length, place + value)..]],
                _ => [.. whole[..place], value, .. whole[place..]],
            };
            File.WriteAllBytes(In(name), damaged);
            try
            {
                Embeddings.Tokenization.Tokenizer read = TokenizerFile.Load(In(name));
                byte[] text = SomeText.Sentences(2);
                Assert.Equal(text, read.Decode([.. Encode(read, text)]));
            }
            catch (UserError error)
            {
                Assert.Contains(name, error.Message);
                Assert.DoesNotContain('\n', error.Message);
                refused++;
            }
        }, iter: 400, threads: 1);
        Assert.True(refused > 100, $"Only {refused} of 400 damaged files were refused.");
    }

    [Theory]
    [InlineData("""{"normalizer":{"type":"NFC"},"model":{}}""", "normalizer")]
    [InlineData("""{"model":{"type":"WordPiece"}}""", "its model is WordPiece")]
    [InlineData("""{"model":{"type":"BPE","vocab":{},"merges":[]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}""", "No token is the single byte")]
    [InlineData("""{"model":{"type":"BPE","vocab":{},"merges":[]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}}""", "add_prefix_space")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1},"merges":[]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}""", "id -1")]
    [InlineData("""{"model":{"type":"BPE","vocab":{},"merges":["a b"]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false}}""", "merge 0 uses a token")]
    public void What_cannot_be_read_is_told(string json, string message)
    {
        File.WriteAllText(In("tokenizer.json"), json);
        Assert.Contains(message, Assert.Throws<UserError>(() => TokenizerFile.Load(In("tokenizer.json"))).Message);
    }

    [Fact]
    public void The_tokenizer_file_of_llmc_has_its_header_and_tokens()
    {
        BytePairTokenizer tokenizer = Train(300, Splitter.Of(PreTokenization.Gpt2), "<|endoftext|>");
        TokenizerFile.SaveLlmc(In("gpt2_tokenizer.bin"), tokenizer);
        byte[] file = File.ReadAllBytes(In("gpt2_tokenizer.bin"));
        Assert.Equal([20240328, 2, 301, 300], Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4 * i))));
        int place = 1024;
        foreach (byte[] token in tokenizer.Tokens)
        {
            Assert.Equal(token.Length, file[place]);
            Assert.Equal(token, file[(place + 1)..(place + 1 + token.Length)]);
            place += 1 + token.Length;
        }

        Assert.Equal(file.Length, place);
        var loaded = (BytePairTokenizer)TokenizerFile.Load(In("gpt2_tokenizer.bin"));
        Assert.Equal(tokenizer.Tokens, loaded.Tokens);
        Assert.Equal(tokenizer.SpecialTokens, loaded.SpecialTokens);
        SomeText.Bytes.Sample(bytes => Encode(tokenizer, bytes).SequenceEqual(Encode(loaded, bytes)), iter: 300);
        TokenizerFile.SaveLlmc(In("again.bin"), loaded);
        Assert.Equal(file, File.ReadAllBytes(In("again.bin")));
    }

    [Fact]
    public void A_word_is_merged_alike_before_and_after_the_table_of_merges_is_made()
    {
        TokenizerFile.SaveRanks(In("ours.tiktoken"), Train(700, Splitter.Of(PreTokenization.Cl100k)));
        BytePairTokenizer made = TokenizerFile.LoadRanks(In("ours.tiktoken"), Splitter.Of(PreTokenization.Cl100k));
        Assert.NotEmpty(made.Merges);
        Encode(made, SomeText.Sentences(5));
        BytePairVocabulary vocabulary = made.Definition.CreateVocabulary();
        MergeTable table = vocabulary.Merges;
        Gen.Select(Gen.Int['a', 'z'].Array[1, ShortMerger.Longest], Gen.Bool).Sample((random, fromText) =>
        {
            byte[] word = fromText ? [.. SomeText.Sentences(random.Length).Where(Scan.IsAsciiLetter).Skip(random[0]).Take(random.Length)] : [.. random.Select(value => (byte)value)];
            return word.Length == 0 || Merged(vocabulary, null, word).SequenceEqual(Merged(vocabulary, table, word));
        }, iter: 500);
    }

    [Fact]
    public void Shards_have_the_headers_and_widths_of_their_readers()
    {
        int[] ids = [1, 65535, 7];
        TokenShards.SaveLlmc(In("short.bin"), ids, 65536);
        TokenShards.SaveLlmc(In("long.bin"), ids, 65537);
        TokenShards.SaveNanoGpt(In("nano.bin"), ids);
        byte[] shortFile = File.ReadAllBytes(In("short.bin"));
        Assert.Equal([20240520, 1, 3], Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadInt32LittleEndian(shortFile.AsSpan(4 * i))));
        Assert.Equal([1, 0, 255, 255, 7, 0], shortFile[1024..]);
        byte[] longFile = File.ReadAllBytes(In("long.bin"));
        Assert.Equal([20240801, 7, 3], Enumerable.Range(0, 3).Select(i => BinaryPrimitives.ReadInt32LittleEndian(longFile.AsSpan(4 * i))));
        Assert.Equal([1, 0, 0, 0, 255, 255, 0, 0, 7, 0, 0, 0], longFile[1024..]);
        Assert.Equal([1, 0, 255, 255, 7, 0], File.ReadAllBytes(In("nano.bin")));
        Assert.Contains("65536", Assert.Throws<UserError>(() => TokenShards.SaveNanoGpt(In("nano.bin"), new[] { 65536 })).Message);
    }

    /// <summary>On text without letters and digits above U+FFFF, where .NET's expressions see halves of characters.</summary>
    private static void Agree(BytePairTokenizer ours, Func<string, IReadOnlyList<int>> theirs)
    {
        SomeText.Bytes.Sample(bytes =>
        {
            string text = string.Concat(Encoding.UTF8.GetString(bytes).EnumerateRunes().Where(rune => rune.IsBmp));
            return Encode(ours, Encoding.UTF8.GetBytes(text)).SequenceEqual(theirs(text));
        }, iter: 300);
        string sentences = Encoding.UTF8.GetString(SomeText.Sentences(100));
        Assert.Equal(theirs(sentences), Encode(ours, Encoding.UTF8.GetBytes(sentences)));
    }

    /// <summary>The vocabulary in Microsoft's data package: a line for each rank, in order.</summary>
    private static IEnumerable<string> Cl100kLines()
    {
        var assembly = System.Reflection.Assembly.Load("Microsoft.ML.Tokenizers.Data.Cl100kBase");
        using Stream resource = assembly.GetManifestResourceStream(assembly.GetManifestResourceNames().Single())!;
        using var inflated = new System.IO.Compression.DeflateStream(resource, System.IO.Compression.CompressionMode.Decompress);
        using var reader = new StreamReader(inflated);
        Assert.StartsWith("Capacity", reader.ReadLine());
        int rank = 0;
        while (reader.ReadLine() is { } line)
        {
            yield return $"{line.Split(' ')[0]} {rank++}";
        }
    }

    /// <summary>The ids of a word by a table of merges, or without one.</summary>
    private static unsafe int[] Merged(BytePairVocabulary vocabulary, MergeTable? table, byte[] word)
    {
        int[] ids = new int[word.Length];
        fixed (byte* bytes = word)
        fixed (int* symbols = ids)
        {
            vocabulary.ToIds(bytes, word.Length, symbols);
            int count = table is null
                ? ShortMerger.Merge(new TokenRanks(vocabulary, bytes), bytes, symbols, word.Length)
                : ShortMerger.Merge(new TableRanks(table), bytes, symbols, word.Length);
            return ids[..count];
        }
    }

    private string In(string name) => Path.Combine(_folder, name);

    private static List<int> Encode(Embeddings.Tokenization.Tokenizer tokenizer, ReadOnlySpan<byte> bytes)
    {
        var ids = new List<int>();
        tokenizer.Encode(bytes, ids);
        return ids;
    }

    private static BytePairTokenizer Train(int size, Splitter splitter, params string[] special)
    {
        BytePairTokenizer trained = BytePairTrainer.TrainAtMost(
            TrainingText.Of([SomeText.Sentences(400)]), size, splitter, cancellation: TestContext.Current.CancellationToken);
        return special.Length == 0 ? trained : new BytePairTokenizer(trained.Merges, splitter, special);
    }
}
