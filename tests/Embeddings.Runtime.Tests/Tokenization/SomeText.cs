using System.Text;
using CsCheck;

namespace Embeddings.Runtime.Tests.Tokenization;

/// <summary>Bytes that trip tokenizers: all of Unicode, pieces where patterns decide, and bytes that are not UTF-8.</summary>
internal static class SomeText
{
    private static readonly string[] s_pieces =
    [
        " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n", "\u0085", "\u00A0", "\u2028", "\u3000", "\u200B", "\u180E",
        "'", "'s", "'S", "'ll", "'Ll", "'l", "'re", "'VE", "'\u017F", "’s", "'t's",
        "a", "B", "word", "Word", "WORD", "camelCase", "ǅ", "ª", "ʰ", "中文", "ไทย", "é", "e\u0301", "\u0301", "\u0903", "\u20DD", "ß", "ﬁ", "İ", "ı",
        "1", "12", "1234", "１２３", "٣٤", "Ⅷ", "½", "𝟘", "𝟘𝟙𝟚𝟛",
        "𝐀", "𝐚", "𐐀", "𐐨", "😀", "👍🏽", "👩‍👩‍👧", "🇩🇪", "\u0000", "\u007F", "\u001C", "\uFEFF", "\uFFFD", "\uE000", "\uFFFF", "\U0010FFFF",
        "/", "//", ".", "...", "!?", "_", "-", "#", "€", "©", "(", "x=1;", "http://a.b/c\n/", "!\n", "!\r\n/",
    ];

    private static readonly byte[][] s_broken =
    [
        [0x80], [0xBF, 0xBF], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE0, 0x80, 0x80],
    ];

    private static readonly byte[][] s_dense = [.. "   \t\r\n\n'''stTmlLvredaaazZ119.!/_\0\u001C\u007F".Select(letter => new[] { (byte)letter })];

    private static readonly Gen<byte[]> s_piece = Gen.Frequency(
        (8, Gen.Int[0, s_pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(s_pieces[i]))),
        (1, Gen.Int[0, s_broken.Length - 1].Select(i => s_broken[i])),
        (2, Gen.Int[0, 0x10FFFF].Where(code => code is < 0xD800 or > 0xDFFF).Select(code => Encoding.UTF8.GetBytes(new Rune(code).ToString()))),
        (1, Gen.Byte.Select(value => new[] { value })),
        (1, Gen.Int[1, 90].Select(length => Encoding.UTF8.GetBytes(new string('q', length)))),
        (1, Gen.Int[1, 40].Select(length => Encoding.UTF8.GetBytes(new string(' ', length)))));

    /// <summary>Up to sixty pieces side by side.</summary>
    public static Gen<byte[]> Bytes { get; } = s_piece.Array[0, 60].Select(pieces => pieces.SelectMany(piece => piece).ToArray());

    /// <summary>Up to 300 ASCII characters of those that patterns decide on, and now and then another one.</summary>
    public static Gen<byte[]> Dense { get; } = Gen.Frequency(
        (60, Gen.Int[0, s_dense.Length - 1].Select(i => s_dense[i])),
        (1, Gen.Int[0, s_pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(s_pieces[i])))).Array[0, 300]
        .Select(pieces => pieces.SelectMany(piece => piece).ToArray());

    /// <summary>A text of some sentences, the same every time.</summary>
    public static byte[] Sentences(int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i =>
        $"The embedding {i % 7} isn't in the middle; it's lower and lowest, wide and wider. Größe {i}\n\n")));
}
