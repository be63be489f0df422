namespace Embeddings.Tokenization;

/// <summary>
/// Cuts a document into pre-tokens: stretches that byte-pair merges never cross. Every byte belongs to exactly one pre-token, so that the
/// pre-tokens side by side are the document, valid UTF-8 or not.
/// </summary>
public abstract class Splitter
{
    /// <summary>What decides the cuts, in words or as a pattern; part of a tokenizer's identity.</summary>
    public abstract string Name { get; }

    /// <summary>The cuts as a regular expression; empty where there are none.</summary>
    public abstract string Pattern { get; }

    /// <summary>The standard pattern that it is; null for a pattern of the user's.</summary>
    public virtual PreTokenization? Standard => null;

    /// <summary>
    /// Whether there is always a cut between an ASCII letter and a space, and between a line feed after ASCII text and a letter, and nothing
    /// before such a cut changes what follows it: then a long document may be cut there and its parts split by themselves, at the same time.
    /// </summary>
    public abstract bool CutsAfterWords { get; }

    /// <summary>Hands the pre-tokens of a document to <paramref name="sink"/>, in order.</summary>
    public abstract void Split(ReadOnlySpan<byte> document, PreTokenSink sink);

    /// <summary>The splitter of a standard pattern.</summary>
    public static Splitter Of(PreTokenization pattern) => pattern switch
    {
        PreTokenization.None => WholeSplitter.Instance,
        PreTokenization.Gpt2 => Gpt2Scanner.Splitter,
        PreTokenization.Cl100k => Cl100kScanner.Splitter,
        PreTokenization.O200k => O200kScanner.Splitter,
        PreTokenization.Words => WordScanner.Splitter,
        _ => throw new ArgumentOutOfRangeException(nameof(pattern)),
    };

    /// <summary>The ends of the parts of a document that may be split by themselves, the document's own among them.</summary>
    /// <param name="document">The document.</param>
    /// <param name="size">Bytes of a part; the last has up to twice as many, and one with no place to cut it at more.</param>
    internal IEnumerable<int> Parts(ReadOnlyMemory<byte> document, int size)
    {
        int searched = 0;
        for (int limit = size; CutsAfterWords && document.Length - limit > size; limit = searched + size)
        {
            searched = limit;
            if (LastCut(document.Span, limit - size, limit) is > 0 and int cut)
            {
                yield return cut;
                searched = cut;
            }
        }

        yield return document.Length;
    }

    /// <summary>
    /// The largest place in a document, behind <paramref name="start"/> and not behind <paramref name="limit"/>, where it may be cut: before
    /// a space that follows a letter, or before a letter that follows a line feed that ends a line of text. −1 where there is none.
    /// </summary>
    internal unsafe int LastCut(ReadOnlySpan<byte> document, int start, int limit)
    {
        fixed (byte* bytes = document)
        {
            for (int i = Math.Min(limit, document.Length - 1); CutsAfterWords && i > start; i--)
            {
                bool isCut = bytes[i] == (byte)' '
                    ? Scan.IsAsciiLetter(bytes[i - 1])
                    : i >= 2 && bytes[i - 1] == (byte)'\n' && bytes[i - 2] is > (byte)' ' and < 0x7F
                        && (CharacterKinds.At(bytes + i, bytes + document.Length, out _) & CharacterKinds.Letter) != 0;
                if (isCut)
                {
                    return i;
                }
            }
        }

        return -1;
    }
}
