using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

public class SplitterTests
{
    public static TheoryData<PreTokenization> Patterns => [.. Enum.GetValues<PreTokenization>()];

    [Theory, MemberData(nameof(Patterns))]
    public void A_scanner_cuts_as_the_regular_expression_does(PreTokenization pattern) => SomeText.Bytes.Sample(
        bytes => ReferenceSplitter.Ends(Splitter.Of(pattern), bytes).SequenceEqual(ReferenceSplitter.Split(pattern, bytes)), iter: 4000);

    [Theory, MemberData(nameof(Patterns))]
    public void Text_that_goes_by_blocks_is_cut_as_the_regular_expression_does(PreTokenization pattern) => SomeText.Dense.Sample(
        bytes => ReferenceSplitter.Ends(Splitter.Of(pattern), bytes).SequenceEqual(ReferenceSplitter.Split(pattern, bytes)), iter: 10_000);

    [Theory, MemberData(nameof(Patterns))]
    public void Every_character_is_cut_as_the_regular_expression_does_wherever_it_stands(PreTokenization pattern)
    {
        var text = new StringBuilder();
        const int EndOfLetters = 0x32000;
        for (int code = 0; code <= 0x10FFFF; code += code < EndOfLetters ? 1 : 61)
        {
            if (code is < 0xD800 or > 0xDFFF)
            {
                var rune = new Rune(code);
                text.Append("a").Append(rune).Append("b ").Append(rune).Append("C1").Append(rune).Append('.').Append(rune).Append(rune).Append('\n');
            }
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        Assert.Equal(ReferenceSplitter.Split(pattern, bytes), ReferenceSplitter.Ends(Splitter.Of(pattern), bytes));
    }

    [Theory, MemberData(nameof(Patterns))]
    public void Parts_of_a_document_cut_where_allowed_are_split_as_the_whole(PreTokenization pattern)
    {
        Splitter splitter = Splitter.Of(pattern);
        int cuts = 0;
        Gen.Select(SomeText.Bytes, Gen.Int[0, 400]).Sample((bytes, limit) =>
        {
            int cut = splitter.LastCut(bytes, 0, limit);
            if (cut < 0)
            {
                return true;
            }

            Interlocked.Increment(ref cuts);
            List<int> parts = ReferenceSplitter.Ends(splitter, bytes.AsSpan(0, cut));
            parts.AddRange(ReferenceSplitter.Ends(splitter, bytes.AsSpan(cut)).Select(end => end + cut));
            return cut <= limit && parts.SequenceEqual(ReferenceSplitter.Ends(splitter, bytes));
        }, iter: 4000);
        Assert.Equal(pattern != PreTokenization.None, cuts > 0);
    }

    [Fact]
    public void A_document_is_cut_again_behind_a_stretch_without_a_place_to_cut()
    {
        byte[] text = [.. SomeText.Sentences(100), .. Enumerable.Repeat((byte)'7', 5000), .. SomeText.Sentences(100)];
        int[] ends = [.. Splitter.Of(PreTokenization.Cl100k).Parts(text, 1000)];
        Assert.Equal(text.Length, ends[^1]);
        int[] lengths = [.. ends.Zip(ends.Prepend(0), (end, start) => end - start)];
        Assert.All(lengths, length => Assert.True(length > 0));
        Assert.Single(lengths, length => length > 2000);
        Assert.Equal([text.Length], Splitter.Of(PreTokenization.None).Parts(text, 1000));
    }

    [Fact]
    public void A_pattern_of_the_user_cuts_as_the_regular_expression_does_with_stretches_between_matches()
    {
        const string Pattern = @"\p{Lu}\p{Ll}*|\p{Nd}+(?=\s)|\b";
        var splitter = new PatternSplitter(Pattern);
        SomeText.Bytes.Sample(bytes => ReferenceSplitter.Ends(splitter, bytes)
            .SequenceEqual(ReferenceSplitter.Split(new Regex(Pattern, RegexOptions.CultureInvariant), bytes)), iter: 1000);
    }

    [Theory]
    [InlineData("(", "is not a regular expression")]
    [InlineData("", "is empty")]
    [InlineData("😀", "above U+FFFF")]
    public void A_pattern_that_cannot_be_is_refused(string pattern, string message) =>
        Assert.Contains(message, Assert.Throws<UserError>(() => new PatternSplitter(pattern)).Message);

    [Theory]
    [InlineData(PreTokenization.Gpt2, "I'm  here 123456", "I|'m| | here| 123456")]
    [InlineData(PreTokenization.Cl100k, "I'M  here 123456\n\n x", "I|'M| | here| |123|456|\n\n| x")]
    [InlineData(PreTokenization.O200k, "camelCase isn't 1234", "camel|Case| isn't| |123|4")]
    [InlineData(PreTokenization.Words, "ab, c", "ab|,| |c")]
    [InlineData(PreTokenization.Cl100k, "😀a 𝐀b", "😀a| 𝐀b")]
    public void Patterns_cut_where_they_should(PreTokenization pattern, string text, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int start = 0;
        var parts = new List<string>();
        foreach (int end in ReferenceSplitter.Ends(Splitter.Of(pattern), bytes))
        {
            parts.Add(Encoding.UTF8.GetString(bytes, start, end - start));
            start = end;
        }

        Assert.Equal(expected, string.Join('|', parts));
    }
}
