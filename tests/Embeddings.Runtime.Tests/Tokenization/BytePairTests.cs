using CsCheck;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public class BytePairTests
{
    [Fact]
    public void Every_byte_sequence_round_trips()
    {
        foreach (PreTokenization pattern in Enum.GetValues<PreTokenization>())
        {
            BytePairTokenizer tokenizer = Train(280, pattern);
            SomeText.Bytes.Sample(bytes => tokenizer.Decode([.. Encode(tokenizer, bytes)]).AsSpan().SequenceEqual(bytes), iter: 300);
        }
    }

    [Theory]
    [InlineData(PreTokenization.None)]
    [InlineData(PreTokenization.Cl100k)]
    public void Encoding_equals_the_naive_one(PreTokenization pattern)
    {
        BytePairTokenizer tokenizer = Train(330, pattern);
        SomeText.Bytes.Sample(bytes => Encode(tokenizer, bytes).SequenceEqual(Naive(tokenizer, bytes)), iter: 400);
    }

    /// <summary>Merges that no training gives: pairs of late tokens that merge early, and several ways to one token.</summary>
    [Fact]
    public void Encoding_with_any_merges_equals_the_naive_one() =>
        Gen.Select(Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40]).Array[1, 40], Gen.Int[0, 3].Array[0, 200], Gen.Bool).Sample((picks, letters, reverse) =>
        {
            var merges = new List<(int Left, int Right)>();
            foreach ((int left, int right) in picks)
            {
                int known = NaiveBytePair.Results(merges).Append(255).Max() + 1;
                (int, int) pair = (Id(left, known), Id(right, known));
                if (!merges.Contains(pair))
                {
                    merges.Add(pair);
                }
            }

            BytePairTokenizer tokenizer = new(merges, PreTokenization.None);
            IReadOnlyList<(int Left, int Right)> order = merges;
            if (reverse)
            {
                order = [.. merges.AsEnumerable().Reverse()];
                tokenizer = new BytePairTokenizer(tokenizer.Definition with { Merges = order });
            }

            byte[] bytes = [.. letters.Select(letter => (byte)('a' + letter))];
            return Encode(tokenizer, bytes).SequenceEqual(Definition(bytes, tokenizer));
        }, iter: 500);

    [Fact]
    public void Encoding_by_ranks_merges_the_token_of_lowest_id_first_whatever_its_parts() =>
        Gen.Select(Gen.Int[0, 2].Array[2, 6].Array[1, 30], Gen.Int[0, 2].Array[0, 150]).Sample((words, letters) =>
        {
            var tokens = Enumerable.Range(0, 256).Select(value => new[] { (byte)value }).ToList();
            foreach (int[] word in words)
            {
                byte[] bytes = [.. word.Select(letter => (byte)('a' + letter))];
                if (!tokens.Exists(token => token.AsSpan().SequenceEqual(bytes)))
                {
                    tokens.Add(bytes);
                }
            }

            var tokenizer = new BytePairTokenizer(
                BytePairDefinition.OfRanks([.. tokens], Splitter.Of(PreTokenization.None), new Dictionary<string, int>()));
            byte[] text = [.. letters.Select(letter => (byte)('a' + letter))];
            int whole = tokens.FindIndex(token => token.AsSpan().SequenceEqual(text));
            List<int> expected = whole >= 0 ? [whole] : ByRanks(text, tokens);
            return Encode(tokenizer, text).SequenceEqual(expected);
        }, iter: 500);

    [Fact]
    public void Training_equals_the_naive_one() =>
        Gen.Select(Gen.Char["aab cd'é"].Array[2, 60].Select(letters => new string(letters)).Array[1, 6], Gen.Enum<PreTokenization>(), Gen.Int[257, 300])
            .Sample((texts, pattern, size) =>
            {
                List<byte[]> documents = [.. texts.Select(text => System.Text.Encoding.UTF8.GetBytes(text))];
                List<(int Left, int Right)> expected = NaiveBytePair.Train(documents.SelectMany(document => Words(document, pattern)), size);
                BytePairTokenizer tokenizer = BytePairTrainer.TrainAtMost(
                    TrainingText.Of(documents.Select(document => (ReadOnlyMemory<byte>)document)), size, Splitter.Of(pattern), threads: 1,
                    cancellation: TestContext.Current.CancellationToken);
                return tokenizer.Merges.SequenceEqual(expected);
            }, iter: 400);

    [Fact]
    public void Training_equals_the_naive_one_on_a_longer_text()
    {
        byte[] text = SomeText.Sentences(60);
        List<(int Left, int Right)> expected = NaiveBytePair.Train(Words(text, PreTokenization.Cl100k), 420);
        BytePairTokenizer tokenizer = BytePairTrainer.TrainAtMost(
            TrainingText.Of([text]), 420, Splitter.Of(PreTokenization.Cl100k), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(expected, tokenizer.Merges);
    }

    [Fact]
    public void Training_does_not_depend_on_the_number_of_threads()
    {
        IReadOnlyList<ReadOnlyMemory<byte>> documents =
            [.. Enumerable.Range(0, 40).Select(i => (ReadOnlyMemory<byte>)SomeText.Sentences(20 + i)), SomeText.Sentences(40_000)];
        string[] identities = [.. new[] { 1, 2, 5 }.Select(threads => BytePairTrainer.Train(
            TrainingText.Of(documents), 500, Splitter.Of(PreTokenization.O200k), threads, cancellation: TestContext.Current.CancellationToken).Identity)];
        Assert.Single(identities.Distinct());
    }

    [Fact]
    public void A_smaller_vocabulary_is_a_prefix_of_a_larger_one()
    {
        BytePairTokenizer large = Train(340, PreTokenization.Cl100k);
        foreach (int size in new[] { 256, 257, 290, 339 })
        {
            BytePairTokenizer small = Train(size, PreTokenization.Cl100k);
            Assert.Equal(small.Merges, large.Truncate(size).Merges);
            Assert.Equal(small.Identity, large.Truncate(size).Identity);
            Assert.NotEqual(small.Identity, large.Identity);
        }
    }

    [Fact]
    public void A_text_that_cannot_fill_the_vocabulary_is_refused_with_the_size_it_can()
    {
        var error = Assert.Throws<UserError>(() =>
            BytePairTrainer.Train([(ReadOnlyMemory<byte>)"ab ab"u8.ToArray()], 1000, PreTokenization.Gpt2, cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("only 258 entries, not 1000", error.Message);
    }

    [Fact]
    public void Cancelled_training_stops() => Assert.Throws<OperationCanceledException>(() =>
        BytePairTrainer.Train([(ReadOnlyMemory<byte>)SomeText.Sentences(10)], 300, PreTokenization.Gpt2, cancellation: new CancellationToken(canceled: true)));

    [Fact]
    public void Encoding_does_not_depend_on_the_number_of_threads()
    {
        BytePairTokenizer tokenizer = Train(330, PreTokenization.Cl100k);
        IReadOnlyList<ReadOnlyMemory<byte>> documents =
            [.. Enumerable.Range(0, 30).Select(i => (ReadOnlyMemory<byte>)SomeText.Sentences(i)), SomeText.Sentences(12_000)];
        List<int>[] expected = [.. documents.Select(document => Encode(tokenizer, document.ToArray()))];
        foreach (int threads in new[] { 1, 2, 7 })
        {
            int[][] ids = ParallelEncoding.Encode(tokenizer, documents, threads, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Length, ids.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                Assert.Equal(expected[i], ids[i]);
            }
        }
    }

    [Fact]
    public void The_span_forms_give_the_same_and_refuse_too_little_room()
    {
        BytePairTokenizer tokenizer = Train(330, PreTokenization.O200k);
        byte[] text = SomeText.Sentences(30);
        int[] ids = new int[text.Length];
        int count = tokenizer.Encode(text, ids);
        Assert.Equal(Encode(tokenizer, text), ids[..count]);
        Assert.Throws<ArgumentException>(() => tokenizer.Encode(text, new int[count - 1]));
        byte[] decoded = new byte[tokenizer.DecodedLength(ids.AsSpan(0, count))];
        Assert.Equal(text.Length, tokenizer.Decode(ids.AsSpan(0, count), decoded));
        Assert.Equal(text, decoded);
        Assert.Throws<ArgumentException>(() => tokenizer.Decode([330]));
    }

    [Fact]
    public void The_span_forms_allocate_nothing()
    {
        BytePairTokenizer tokenizer = Train(330, PreTokenization.Cl100k);
        byte[] text = SomeText.Sentences(200);
        int[] ids = new int[text.Length];
        byte[] decoded = new byte[text.Length];
        int count = tokenizer.Encode(text, ids);
        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Encode(text, ids);
        tokenizer.Decode(ids.AsSpan(0, count), decoded);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 200, $"{allocated} bytes were allocated.");
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(1 << 21)]
    public void Long_words_round_trip_and_equal_their_parts(int length)
    {
        BytePairTokenizer tokenizer = Train(330, PreTokenization.None);
        byte[] letters = new byte[length];
        Array.Fill(letters, (byte)'e');
        byte[] random = new byte[length];
        new Random(1).NextBytes(random);
        byte[] word = [.. SomeText.Sentences(length / 90).Select(value => value is (byte)' ' or (byte)'\n' ? (byte)'x' : value)];
        foreach (byte[] text in new[] { letters, random, word })
        {
            Assert.Equal(text, tokenizer.Decode([.. Encode(tokenizer, text)]));
        }
    }

    [Fact]
    public void Special_tokens_count_only_where_they_are_allowed()
    {
        BytePairTokenizer plain = Train(330, PreTokenization.Cl100k);
        var tokenizer = new BytePairTokenizer(plain.Merges, plain.Splitter, ["<|end|>", "<|end|>>"]);
        byte[] text = "one<|end|>two<|end|>>three"u8.ToArray();
        Assert.Equal(332, tokenizer.VocabularySize);
        Assert.Equal(Encode(plain, text), Encode(tokenizer, text));
        var ids = new List<int>();
        tokenizer.Encode(text, ids, ["<|end|>"]);
        Assert.Equal([.. Encode(plain, "one"u8), 330, .. Encode(plain, "two"u8), 330, .. Encode(plain, ">three"u8)], ids);
        ids.Clear();
        tokenizer.Encode(text, ids, ["<|end|>", "<|end|>>"]);
        Assert.Equal([.. Encode(plain, "one"u8), 330, .. Encode(plain, "two"u8), 331, .. Encode(plain, "three"u8)], ids);
        Assert.Equal(text, tokenizer.Decode([.. ids]));
        Assert.Throws<ArgumentException>(() => tokenizer.Encode(text, ids, ["<|other|>"]));
        Assert.Equal([256, 257], tokenizer.Truncate(258).SpecialTokens.Values.Order());
    }

    [Fact]
    public void Merges_that_contradict_themselves_are_refused()
    {
        Assert.Contains("does not exist yet", Assert.Throws<ArgumentException>(() => new BytePairTokenizer([(97, 256)], PreTokenization.None)).Message);
        Assert.Contains("repeats", Assert.Throws<ArgumentException>(() => new BytePairTokenizer([(97, 98), (97, 98)], PreTokenization.None)).Message);
    }

    private static int Id(int pick, int known) => pick < 4 ? 'a' + pick : known > 256 ? 256 + pick % (known - 256) : 'a';

    private static List<byte[]> Words(byte[] document, PreTokenization pattern)
    {
        var words = new List<byte[]>();
        int start = 0;
        foreach (int end in ReferenceSplitter.Split(pattern, document))
        {
            words.Add(document[start..end]);
            start = end;
        }

        return words;
    }

    private static IEnumerable<int> Naive(BytePairTokenizer tokenizer, byte[] bytes) =>
        Words(bytes, tokenizer.Splitter.Standard!.Value).SelectMany(word => NaiveBytePair.Encode(word, tokenizer.Merges));

    /// <summary>Merges one word with the ids of a tokenizer whose merges stand in any order.</summary>
    private static List<int> Definition(byte[] word, BytePairTokenizer tokenizer)
    {
        List<int> symbols = [.. word.Select(value => (int)value)];
        while (true)
        {
            (int rank, int place) = (int.MaxValue, -1);
            for (int i = 0; i + 1 < symbols.Count; i++)
            {
                int found = tokenizer.Merges.ToList().IndexOf((symbols[i], symbols[i + 1]));
                (rank, place) = found >= 0 && found < rank ? (found, i) : (rank, place);
            }

            if (place < 0)
            {
                return symbols;
            }

            byte[] bytes = [.. tokenizer.Tokens[symbols[place]], .. tokenizer.Tokens[symbols[place + 1]]];
            symbols[place] = tokenizer.Tokens.ToList().FindIndex(token => token.AsSpan().SequenceEqual(bytes));
            symbols.RemoveAt(place + 1);
        }
    }

    private static List<int> ByRanks(byte[] text, List<byte[]> tokens)
    {
        List<byte[]> parts = [.. text.Select(value => new[] { value })];
        while (true)
        {
            (int rank, int place) = (int.MaxValue, -1);
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                byte[] joined = [.. parts[i], .. parts[i + 1]];
                int found = tokens.FindIndex(token => token.AsSpan().SequenceEqual(joined));
                (rank, place) = found >= 0 && found < rank ? (found, i) : (rank, place);
            }

            if (place < 0)
            {
                return [.. parts.Select(part => tokens.FindIndex(token => token.AsSpan().SequenceEqual(part)))];
            }

            parts[place] = tokens[rank];
            parts.RemoveAt(place + 1);
        }
    }

    private static List<int> Encode(BytePairTokenizer tokenizer, ReadOnlySpan<byte> bytes)
    {
        var ids = new List<int>();
        tokenizer.Encode(bytes, ids);
        return ids;
    }

    private static BytePairTokenizer Train(int size, PreTokenization pattern) =>
        BytePairTrainer.Train([(ReadOnlyMemory<byte>)SomeText.Sentences(400)], size, pattern, cancellation: TestContext.Current.CancellationToken);
}
