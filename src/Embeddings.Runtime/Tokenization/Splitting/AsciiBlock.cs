using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Embeddings.Tokenization;

/// <summary>
/// 64 bytes of text as sets of places, bit i for byte i. All sets stop before the first byte that is not ASCII.
/// </summary>
internal readonly unsafe ref struct AsciiBlock
{
    /// <summary>Bytes of a block.</summary>
    public const int Size = 64;

    private const byte FirstControl = 0x09;
    private const byte WhiteControls = 5;

    /// <summary>Reads a block.</summary>
    /// <param name="bytes">Its first byte; all <see cref="Size"/> must be there.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public AsciiBlock(byte* bytes)
    {
        ulong foreign;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<byte> all = Vector512.Load(bytes);
            foreign = all.ExtractMostSignificantBits();
            Letters = Vector512.LessThan((all | Vector512.Create((byte)0x20)) - Vector512.Create((byte)'a'), Vector512.Create((byte)26)).ExtractMostSignificantBits();
            Digits = Vector512.LessThan(all - Vector512.Create((byte)'0'), Vector512.Create((byte)10)).ExtractMostSignificantBits();
            Spaces = Vector512.Equals(all, Vector512.Create((byte)' ')).ExtractMostSignificantBits();
            White = Spaces | Vector512.LessThan(all - Vector512.Create(FirstControl), Vector512.Create(WhiteControls)).ExtractMostSignificantBits();
            LineEnds = (Vector512.Equals(all, Vector512.Create((byte)'\n')) | Vector512.Equals(all, Vector512.Create((byte)'\r'))).ExtractMostSignificantBits();
            Apostrophes = Vector512.Equals(all, Vector512.Create((byte)'\'')).ExtractMostSignificantBits();
        }
        else
        {
            Vector256<byte> low = Vector256.Load(bytes);
            Vector256<byte> high = Vector256.Load(bytes + Vector256<byte>.Count);
            foreign = Join(low, high);
            Letters = Join(LettersOf(low), LettersOf(high));
            Digits = Join(Below(low, (byte)'0', 10), Below(high, (byte)'0', 10));
            Spaces = Join(Is(low, (byte)' '), Is(high, (byte)' '));
            White = Spaces | Join(Below(low, FirstControl, WhiteControls), Below(high, FirstControl, WhiteControls));
            LineEnds = Join(Is(low, (byte)'\n') | Is(low, (byte)'\r'), Is(high, (byte)'\n') | Is(high, (byte)'\r'));
            Apostrophes = Join(Is(low, (byte)'\''), Is(high, (byte)'\''));
        }

        Known = (foreign & (0 - foreign)) - 1;
        Letters &= Known;
        Digits &= Known;
        Spaces &= Known;
        White &= Known;
        LineEnds &= Known;
        Apostrophes &= Known;
    }

    /// <summary>Places before the first byte that is not ASCII.</summary>
    public ulong Known { get; }

    /// <summary>Letters.</summary>
    public ulong Letters { get; }

    /// <summary>Digits.</summary>
    public ulong Digits { get; }

    /// <summary>The character U+0020.</summary>
    public ulong Spaces { get; }

    /// <summary>White space, these and line ends among it.</summary>
    public ulong White { get; }

    /// <summary>Carriage returns and line feeds.</summary>
    public ulong LineEnds { get; }

    /// <summary>Apostrophes, which are among <see cref="Others"/>.</summary>
    public ulong Apostrophes { get; }

    /// <summary>Neither letters, digits nor white space.</summary>
    public ulong Others => Known & ~(Letters | Digits | White);

    private static Vector256<byte> LettersOf(Vector256<byte> bytes) => Below(bytes | Vector256.Create((byte)0x20), (byte)'a', 26);

    private static Vector256<byte> Below(Vector256<byte> bytes, byte first, byte count) =>
        Vector256.LessThan(bytes - Vector256.Create(first), Vector256.Create(count));

    private static Vector256<byte> Is(Vector256<byte> bytes, byte value) => Vector256.Equals(bytes, Vector256.Create(value));

    private static ulong Join(Vector256<byte> low, Vector256<byte> high) =>
        low.ExtractMostSignificantBits() | (ulong)high.ExtractMostSignificantBits() << Vector256<byte>.Count;
}
