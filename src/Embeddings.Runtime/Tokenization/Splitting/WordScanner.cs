using System.Runtime.CompilerServices;

namespace Embeddings.Tokenization;

/// <summary>Words only. In words: letters; or any one other character.</summary>
internal readonly unsafe struct WordScanner : IScanner
{
    /// <summary>The pattern.</summary>
    public const string Pattern = @"\p{L}+|[\s\S]";

    public static readonly Splitter Splitter =
        new ScanningSplitter<WordScanner>(nameof(PreTokenization.Words), Pattern, PreTokenization.Words, cutsAfterWords: true);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Next(byte* start, byte* end)
    {
        uint kind = CharacterKinds.At(start, end, out int length);
        return (kind & CharacterKinds.Letter) != 0 ? Scan.Letters(start + length, end) : start + length;
    }
}
