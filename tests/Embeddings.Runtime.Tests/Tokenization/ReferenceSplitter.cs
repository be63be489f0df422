using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Embeddings.Tokenization;

namespace Embeddings.Runtime.Tests.Tokenization;

/// <summary>
/// Pre-tokens as <c>System.Text.RegularExpressions</c> cuts them. A character above U+FFFF is replaced by one of its category below, so that
/// the expression sees code points; a byte that is no UTF-8 by U+FFFD.
/// </summary>
internal static class ReferenceSplitter
{
    private static readonly Dictionary<PreTokenization, Regex> s_patterns = new()
    {
        [PreTokenization.Gpt2] = Make(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"),
        [PreTokenization.Cl100k] = Make(
            @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
        [PreTokenization.O200k] = Make(string.Join('|',
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            @"\p{N}{1,3}", @" ?[^\s\p{L}\p{N}]+[\r\n/]*", @"\s*[\r\n]+", @"\s+(?!\S)", @"\s+")),
        [PreTokenization.Words] = Make(@"\p{L}+|[\s\S]"),
    };

    private static readonly Dictionary<UnicodeCategory, char> s_standIns = Enumerable.Range(0xA0, 0xFF00)
        .Select(code => (char)code)
        .GroupBy(char.GetUnicodeCategory)
        .ToDictionary(group => group.Key, group => group.First());

    /// <summary>Ends of the pre-tokens.</summary>
    public static List<int> Split(PreTokenization pattern, byte[] bytes)
    {
        if (pattern == PreTokenization.None)
        {
            return bytes.Length == 0 ? [] : [bytes.Length];
        }

        return Split(s_patterns[pattern], bytes);
    }

    /// <summary>Ends of the matches and of the stretches between them.</summary>
    public static List<int> Split(Regex pattern, byte[] bytes)
    {
        var text = new StringBuilder();
        var offsets = new List<int>();
        for (int position = 0; position < bytes.Length;)
        {
            offsets.Add(position);
            bool isValid = Rune.DecodeFromUtf8(bytes.AsSpan(position), out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            text.Append(!isValid ? '\uFFFD' : rune.IsBmp ? (char)rune.Value : s_standIns[Rune.GetUnicodeCategory(rune)]);
            position += isValid ? length : 1;
        }

        offsets.Add(bytes.Length);
        var ends = new List<int> { 0 };
        foreach (ValueMatch match in pattern.EnumerateMatches(text.ToString()))
        {
            Add(offsets[match.Index]);
            Add(offsets[match.Index + match.Length]);
        }

        Add(bytes.Length);
        return ends[1..];

        void Add(int end)
        {
            if (end > ends[^1])
            {
                ends.Add(end);
            }
        }
    }

    /// <summary>Ends of the pre-tokens as a splitter gives them.</summary>
    public static List<int> Ends(Splitter splitter, ReadOnlySpan<byte> bytes)
    {
        var sink = new CollectingSink();
        splitter.Split(bytes, sink);
        return sink.Collected;
    }

    private static Regex Make(string pattern) => new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled);

    private sealed class CollectingSink : PreTokenSink
    {
        public List<int> Collected { get; } = [];

        public override void Take(ReadOnlySpan<byte> document, int start, ReadOnlySpan<int> ends)
        {
            Assert.Equal(Collected.Count == 0 ? 0 : Collected[^1], start);
            foreach (int end in ends)
            {
                Assert.True(end > start && end <= document.Length, "A pre-token is empty or leaves the document.");
                Collected.Add(end);
                start = end;
            }
        }
    }
}
